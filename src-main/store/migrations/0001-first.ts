/**
 * The first schema. Ids are ULIDs made where the row is made. Ratings are append-only: a revision or a
 * retraction is a new row that names what it supersedes; `current_rating` shows what stands.
 * Rows of an import count only once the import has finished, so a cancelled or killed one leaves no trace.
 */
export const sql = `
CREATE TABLE project (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE guideline (
  version INTEGER PRIMARY KEY,
  text TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE rater (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  created_at TEXT NOT NULL,
  -- The import that made this rater, while that import is unfinished: taking it back takes back the rater.
  import_id TEXT REFERENCES import (id)
) STRICT;

CREATE TABLE import (
  id TEXT PRIMARY KEY,
  file_name TEXT NOT NULL,
  options TEXT NOT NULL,
  counts TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT
) STRICT;

CREATE TABLE rejected_row (
  import_id TEXT NOT NULL REFERENCES import (id),
  row_number INTEGER NOT NULL,
  reason TEXT NOT NULL,
  message TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (import_id, row_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE pair (
  id TEXT PRIMARY KEY,
  import_id TEXT NOT NULL REFERENCES import (id),
  -- The line of the imported file where this pair begins.
  import_row INTEGER,
  external_id TEXT UNIQUE,
  premise TEXT NOT NULL,
  hypothesis TEXT NOT NULL,
  -- First 16 bytes of sha256 over both texts: finds duplicate pairs.
  digest BLOB NOT NULL UNIQUE,
  -- First 48 bits of sha256 over the premise's grouping text; divided by 2^48 it is the place on the split line.
  premise_group INTEGER NOT NULL,
  declared_split TEXT CHECK (declared_split IN ('train', 'validation', 'holdout')),
  metadata TEXT NOT NULL
) STRICT;
CREATE INDEX pair_by_import ON pair (import_id);

CREATE TABLE rating (
  id TEXT PRIMARY KEY,
  pair_id TEXT NOT NULL REFERENCES pair (id),
  rater_id TEXT NOT NULL REFERENCES rater (id),
  kind TEXT NOT NULL CHECK (kind IN ('score', 'range', 'cannot-judge', 'retraction')),
  -- The one number the answer stands for (midpoint of a range).
  score REAL CHECK (score BETWEEN 0 AND 1),
  raw_position REAL CHECK (raw_position BETWEEN 0 AND 1),
  low REAL CHECK (low BETWEEN 0 AND 1),
  high REAL CHECK (high BETWEEN 0 AND 1),
  reason TEXT,
  note TEXT,
  scale_kind TEXT NOT NULL CHECK (scale_kind IN ('linear', 'logit')),
  time_to_first_touch INTEGER,
  time_to_commit INTEGER,
  change_count INTEGER,
  order_shown INTEGER,
  shown_because TEXT,
  suggestion_id TEXT REFERENCES suggestion (id),
  guideline_version INTEGER NOT NULL REFERENCES guideline (version),
  pass_number INTEGER NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('annotate', 'redo', 'import', 'command-line')),
  import_id TEXT REFERENCES import (id),
  supersedes TEXT REFERENCES rating (id),
  -- The first row that gave this answer, where an undo or redo brought it back.
  restates TEXT REFERENCES rating (id),
  created_at TEXT NOT NULL,
  CHECK ((kind IN ('score', 'range')) = (score IS NOT NULL))
) STRICT;
CREATE INDEX rating_by_pair ON rating (pair_id, rater_id);
CREATE INDEX rating_by_rater ON rating (rater_id, id);
-- A row is superseded once. Most supersede nothing and stay out of the index.
CREATE UNIQUE INDEX rating_by_supersedes ON rating (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX rating_by_restates ON rating (restates) WHERE restates IS NOT NULL;
CREATE INDEX rating_by_import ON rating (import_id) WHERE import_id IS NOT NULL;

-- What a rater did, one row a commit or skip, for undo and redo across pairs and restarts. Ratings say what stands;
-- steps say in which order it came about. Without references to pairs and ratings: what a step names is never deleted,
-- and checking it at each deletion elsewhere would cost an index each.
CREATE TABLE annotation_step (
  rater_id TEXT NOT NULL REFERENCES rater (id),
  id TEXT NOT NULL,
  pair_id TEXT NOT NULL,
  -- The answer as first committed; null for a skip.
  rating_id TEXT,
  -- The rater's answer that stood before, as first committed; null where none did.
  before_rating_id TEXT,
  -- undone: may be redone; dropped: out of reach, since something else was done after its undoing.
  state TEXT NOT NULL CHECK (state IN ('done', 'undone', 'dropped')),
  PRIMARY KEY (rater_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX annotation_step_undone ON annotation_step (rater_id, id) WHERE state = 'undone';
CREATE INDEX annotation_step_skipped ON annotation_step (rater_id, pair_id) WHERE rating_id IS NULL;

CREATE TABLE run (
  id TEXT PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'cancelled', 'failed')),
  configuration TEXT NOT NULL,
  encoder_digest TEXT NOT NULL,
  snapshot_digest TEXT NOT NULL,
  labelled_pairs INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  finished_at TEXT,
  failure TEXT,
  report TEXT
) STRICT;

CREATE TABLE run_weights (
  run_id TEXT PRIMARY KEY REFERENCES run (id),
  safetensors BLOB NOT NULL
) STRICT;

-- Kept for the run in use only.
CREATE TABLE prediction (
  run_id TEXT NOT NULL REFERENCES run (id),
  pair_id TEXT NOT NULL REFERENCES pair (id),
  score REAL NOT NULL,
  variance REAL NOT NULL,
  low REAL NOT NULL,
  high REAL NOT NULL,
  PRIMARY KEY (pair_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE suggestion (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run (id),
  pair_id TEXT NOT NULL REFERENCES pair (id),
  strategy TEXT NOT NULL,
  rank INTEGER NOT NULL,
  reason TEXT NOT NULL,
  UNIQUE (run_id, rank)
) STRICT;
CREATE INDEX suggestion_by_pair ON suggestion (pair_id);

CREATE TABLE dispute (
  id TEXT PRIMARY KEY,
  pair_id TEXT NOT NULL REFERENCES pair (id),
  rater_id TEXT NOT NULL REFERENCES rater (id),
  target_kind TEXT NOT NULL CHECK (target_kind IN ('rating', 'prediction')),
  target_rating_id TEXT REFERENCES rating (id),
  target_run_id TEXT REFERENCES run (id),
  disputed_score REAL NOT NULL,
  own_rating_id TEXT NOT NULL REFERENCES rating (id),
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CHECK ((target_kind = 'rating') = (target_rating_id IS NOT NULL)),
  CHECK ((target_kind = 'prediction') = (target_run_id IS NOT NULL))
) STRICT;
CREATE INDEX dispute_by_pair ON dispute (pair_id);
CREATE INDEX dispute_by_target_rating ON dispute (target_rating_id);
CREATE INDEX dispute_by_own_rating ON dispute (own_rating_id);

CREATE VIEW finished_import AS SELECT id FROM import WHERE finished_at IS NOT NULL;

-- The plus keeps SQLite from gathering pairs by import and sorting them, where a page in the order of ids is asked for.
CREATE VIEW current_pair AS
SELECT * FROM pair WHERE +import_id IN (SELECT id FROM finished_import);

CREATE VIEW current_rating AS
SELECT * FROM rating
WHERE kind <> 'retraction'
  AND NOT EXISTS (
    SELECT 1 FROM rating AS later
    WHERE later.supersedes = rating.id
      AND (later.import_id IS NULL OR later.import_id IN (SELECT id FROM finished_import))
  )
  AND (import_id IS NULL OR import_id IN (SELECT id FROM finished_import));
`
