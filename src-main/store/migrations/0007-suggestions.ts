/**
 * What a suggestion asks for, how a run's suggestions were ranked, and predictions of pairs that the run learnt from, by heads
 * that had not seen them.
 */
export const sql = `
ALTER TABLE suggestion ADD COLUMN ask TEXT NOT NULL DEFAULT 'new-pair' CHECK (ask IN ('new-pair', 'another-rating'));
ALTER TABLE prediction ADD COLUMN out_of_fold INTEGER NOT NULL DEFAULT 0 CHECK (out_of_fold IN (0, 1));

CREATE TABLE ranking (
  run_id TEXT PRIMARY KEY REFERENCES run (id),
  strategy TEXT NOT NULL,
  batch_size INTEGER NOT NULL,
  random_share REAL NOT NULL CHECK (random_share BETWEEN 0 AND 1),
  waiting INTEGER NOT NULL,
  considered INTEGER NOT NULL,
  remark TEXT,
  created_at TEXT NOT NULL
) STRICT;
`
