/**
 * Runs that can be named, pinned, put into the bin and taken up again. A run deleted for good leaves its row, so that its
 * number is never given again and disputes of its predictions keep their target; everything it held goes.
 */
export const sql = `
ALTER TABLE run ADD COLUMN name TEXT;
ALTER TABLE run ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
ALTER TABLE run ADD COLUMN binned_at TEXT;
ALTER TABLE run ADD COLUMN deleted_at TEXT;
-- Versions of what trained it, by name, as JSON; {} where it was made before they were kept.
ALTER TABLE run ADD COLUMN libraries TEXT NOT NULL DEFAULT '{}';

-- Where a run that did not finish can be taken up: what the training process needs for that, known to it alone.
CREATE TABLE run_checkpoint (
  run_id TEXT PRIMARY KEY REFERENCES run (id),
  epoch INTEGER NOT NULL,
  state BLOB NOT NULL,
  written_at TEXT NOT NULL
) STRICT;

-- The run that somebody made the project's model; null: the latest finished one.
ALTER TABLE project ADD COLUMN model_run_id TEXT REFERENCES run (id);

-- A deleted run's suggestions go, but those that a rating names: without the index each deletion would read all ratings.
CREATE INDEX rating_by_suggestion ON rating (suggestion_id) WHERE suggestion_id IS NOT NULL;

-- At most one row.
CREATE VIEW run_in_use AS
SELECT id FROM run WHERE id = COALESCE(
  (SELECT model_run_id FROM project),
  (SELECT id FROM run
   WHERE status = 'finished' AND binned_at IS NULL AND deleted_at IS NULL
   ORDER BY number DESC LIMIT 1)
);

-- A run that is taken up again ranks anew. Its earlier suggestions stay for the ratings that name them, with ranks below 0.
CREATE VIEW current_suggestion AS SELECT * FROM suggestion WHERE rank > 0;
`
