/** What labels were last found to be worth; one row, or none before it is first measured. */
export const sql = `
CREATE TABLE evidence_report (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- What it was made of, to tell whether that has changed.
  stamp TEXT NOT NULL,
  report TEXT NOT NULL
) STRICT;
`
