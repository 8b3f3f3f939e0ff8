/** What a run says beyond score and interval: how far raters will be apart, how unsure it is, and whether it declines. */
export const sql = `
ALTER TABLE prediction ADD COLUMN spread REAL;
ALTER TABLE prediction ADD COLUMN doubt REAL;
ALTER TABLE prediction ADD COLUMN abstained INTEGER NOT NULL DEFAULT 0 CHECK (abstained IN (0, 1));
`
