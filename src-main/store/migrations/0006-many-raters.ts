/**
 * Many raters: who is asked what, blind repeats, gold, decisions about pairs and raters, and older texts of pairs.
 * Rows of one rater alone are made on a work file (`project.work_rater_id`); everything else only in the project itself.
 * So ratings of several files are merged by putting them side by side, and `current_rating` tells which of them stand.
 */
export const sql = `
-- How sure the rater was: 1 unsure, 2 fairly sure, 3 sure; null where nobody asked.
ALTER TABLE rating ADD COLUMN confidence INTEGER CHECK (confidence BETWEEN 1 AND 3);
-- The answer of the same rater that this one repeats without seeing it. It never takes that one's place.
ALTER TABLE rating ADD COLUMN retests TEXT REFERENCES rating (id);
-- The version of the pair's text that was rated.
ALTER TABLE rating ADD COLUMN pair_version INTEGER NOT NULL DEFAULT 1;
CREATE INDEX rating_by_retests ON rating (retests) WHERE retests IS NOT NULL;

-- Two files may have superseded the same row apart from each other; both stay, and the later one stands.
DROP INDEX rating_by_supersedes;
CREATE INDEX rating_by_supersedes ON rating (supersedes) WHERE supersedes IS NOT NULL;
DROP INDEX rating_by_pair;
CREATE INDEX rating_by_pair ON rating (pair_id, rater_id, id);

-- Worked examples along the scale, as JSON; they are part of the version.
ALTER TABLE guideline ADD COLUMN examples TEXT NOT NULL DEFAULT '[]';

-- A file that was split off for this rater: only they rate in it, and it is merged back. Null: the project itself.
ALTER TABLE project ADD COLUMN work_rater_id TEXT REFERENCES rater (id);

-- Goes up whenever somebody is to rate other pairs than before, or in another order.
ALTER TABLE project ADD COLUMN plan_version INTEGER NOT NULL DEFAULT 0;

-- Texts that a pair had before its text was fixed; the pair itself has the latest, of the version after these.
CREATE TABLE pair_text (
  pair_id TEXT NOT NULL REFERENCES pair (id),
  version INTEGER NOT NULL,
  premise TEXT NOT NULL,
  hypothesis TEXT NOT NULL,
  replaced_at TEXT NOT NULL,
  PRIMARY KEY (pair_id, version)
) STRICT, WITHOUT ROWID;

-- What somebody decided about a pair. Rows are only added: the latest of its group holds.
CREATE TABLE decision (
  id TEXT PRIMARY KEY,
  pair_id TEXT NOT NULL REFERENCES pair (id),
  -- adjudicated, ambiguous and reopened are one group, binned and restored another.
  kind TEXT NOT NULL CHECK (kind IN
    ('adjudicated', 'ambiguous', 'reopened', 'binned', 'restored', 'another-rater', 'text-fixed')),
  score REAL CHECK (score BETWEEN 0 AND 1),
  -- Who was asked; null: whoever comes next.
  asked_rater_id TEXT REFERENCES rater (id),
  decided_by TEXT NOT NULL REFERENCES rater (id),
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CHECK ((kind = 'adjudicated') = (score IS NOT NULL))
) STRICT;
CREATE INDEX decision_by_pair ON decision (pair_id, id);
CREATE INDEX decision_binned ON decision (pair_id, id) WHERE kind = 'binned';
CREATE INDEX decision_settled ON decision (pair_id, id) WHERE kind IN ('adjudicated', 'ambiguous');

-- Raters whose ratings count for nothing, until they are taken back. Rows are only added: the latest holds.
CREATE TABLE rater_decision (
  id TEXT PRIMARY KEY,
  rater_id TEXT NOT NULL REFERENCES rater (id),
  kind TEXT NOT NULL CHECK (kind IN ('set-aside', 'taken-back')),
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX rater_decision_by_rater ON rater_decision (rater_id, id);

-- 1: the plan deals pairs to this rater. Whoever came with imported scores is no hand at work until somebody says so.
ALTER TABLE rater ADD COLUMN takes_part INTEGER NOT NULL DEFAULT 1 CHECK (takes_part IN (0, 1));
UPDATE rater SET takes_part = 0
WHERE EXISTS (SELECT 1 FROM rating WHERE rating.rater_id = rater.id AND rating.import_id IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM rating WHERE rating.rater_id = rater.id AND rating.import_id IS NULL);

-- Who is to rate what, where the project has a plan; without one everybody rates everything.
CREATE TABLE assignment (
  rater_id TEXT NOT NULL REFERENCES rater (id),
  pair_id TEXT NOT NULL REFERENCES pair (id),
  -- plan: dealt by the overlap plan; asked: another rating was asked for, which comes first.
  kind TEXT NOT NULL CHECK (kind IN ('plan', 'asked')),
  PRIMARY KEY (rater_id, pair_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_by_pair ON assignment (pair_id);

-- Pairs whose right score is known. Everybody rates them.
CREATE TABLE gold (
  pair_id TEXT PRIMARY KEY REFERENCES pair (id),
  score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
  -- Scores at most this far from it count as right.
  tolerance REAL NOT NULL CHECK (tolerance BETWEEN 0 AND 1),
  explanation TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Pairs that everybody rates first, in this order, to tune in.
CREATE TABLE calibration_pair (
  pair_id TEXT PRIMARY KEY REFERENCES pair (id),
  position INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- The raters as the rater model sees them, from its latest fit; at most one row, which can be made anew.
CREATE TABLE rater_model (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  parameters TEXT NOT NULL,
  -- What was rated when it was fitted, to tell whether that has changed.
  ratings TEXT NOT NULL,
  fitted_at TEXT NOT NULL
) STRICT;

-- The score of the consensus, and of gold, can be disputed, too.
CREATE TABLE dispute_of_any (
  id TEXT PRIMARY KEY,
  pair_id TEXT NOT NULL REFERENCES pair (id),
  rater_id TEXT NOT NULL REFERENCES rater (id),
  target_kind TEXT NOT NULL CHECK (target_kind IN ('rating', 'prediction', 'consensus', 'gold')),
  target_rating_id TEXT REFERENCES rating (id),
  target_run_id TEXT REFERENCES run (id),
  disputed_score REAL NOT NULL,
  own_rating_id TEXT NOT NULL REFERENCES rating (id),
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CHECK ((target_kind = 'rating') = (target_rating_id IS NOT NULL)),
  CHECK ((target_kind = 'prediction') = (target_run_id IS NOT NULL))
) STRICT;
INSERT INTO dispute_of_any SELECT * FROM dispute;
DROP TABLE dispute;
ALTER TABLE dispute_of_any RENAME TO dispute;
CREATE INDEX dispute_by_pair ON dispute (pair_id);
CREATE INDEX dispute_by_target_rating ON dispute (target_rating_id);
CREATE INDEX dispute_by_own_rating ON dispute (own_rating_id);

CREATE VIEW binned_pair AS
SELECT pair_id, reason, decided_by, created_at FROM decision INDEXED BY decision_binned
WHERE kind = 'binned' AND NOT EXISTS (
  SELECT 1 FROM decision AS later
  WHERE later.pair_id = decision.pair_id AND later.kind IN ('binned', 'restored') AND later.id > decision.id
);

-- Adjudicated pairs, and those accepted as ambiguous.
CREATE VIEW settled_pair AS
SELECT pair_id, kind, score, reason, decided_by, created_at FROM decision
WHERE kind IN ('adjudicated', 'ambiguous') AND NOT EXISTS (
  SELECT 1 FROM decision AS later
  WHERE later.pair_id = decision.pair_id AND later.kind IN ('adjudicated', 'ambiguous', 'reopened')
    AND later.id > decision.id
);

CREATE VIEW set_aside_rater AS
SELECT rater_id, reason, created_at FROM rater_decision
WHERE kind = 'set-aside' AND NOT EXISTS (
  SELECT 1 FROM rater_decision AS later WHERE later.rater_id = rater_decision.rater_id AND later.id > rater_decision.id
);

DROP VIEW current_pair;
CREATE VIEW current_pair AS
SELECT * FROM pair
WHERE +import_id IN (SELECT id FROM finished_import) AND id NOT IN (SELECT pair_id FROM binned_pair);

DROP VIEW current_suggestion;
CREATE VIEW current_suggestion AS
SELECT * FROM suggestion WHERE rank > 0 AND pair_id NOT IN (SELECT pair_id FROM binned_pair);

-- What stands of each rater: nothing later supersedes it, on this text. An answer given by hand takes the place of
-- everything that its rater said of the pair before, whatever its row says it supersedes: two files may have gone on apart.
DROP VIEW current_rating;
CREATE VIEW current_rating AS
SELECT * FROM rating
WHERE kind <> 'retraction' AND retests IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM rating AS later
    WHERE later.supersedes = rating.id
      AND (later.import_id IS NULL OR later.import_id IN (SELECT id FROM finished_import))
  )
  AND NOT EXISTS (
    SELECT 1 FROM rating AS later
    WHERE later.pair_id = rating.pair_id AND later.rater_id = rating.rater_id AND later.id > rating.id
      AND later.source <> 'import' AND later.retests IS NULL
  )
  AND NOT EXISTS (
    SELECT 1 FROM pair_text WHERE pair_text.pair_id = rating.pair_id AND pair_text.version >= rating.pair_version
  )
  AND pair_id NOT IN (SELECT pair_id FROM binned_pair)
  AND (import_id IS NULL OR import_id IN (SELECT id FROM finished_import));

-- What counts towards consensus, training and agreement.
CREATE VIEW counted_rating AS
SELECT * FROM current_rating WHERE rater_id NOT IN (SELECT rater_id FROM set_aside_rater);

-- Answers repeated blind that stand, beside the answer they repeat.
CREATE VIEW current_retest AS
SELECT * FROM rating
WHERE kind <> 'retraction' AND retests IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM rating AS later WHERE later.supersedes = rating.id)
  AND NOT EXISTS (
    SELECT 1 FROM rating AS later
    WHERE later.pair_id = rating.pair_id AND later.rater_id = rating.rater_id AND later.id > rating.id
      AND later.retests = rating.retests
  );
`
