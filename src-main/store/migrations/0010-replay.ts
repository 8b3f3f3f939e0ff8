/**
 * The last replay of strategies, one row at most, and its cells, one for each strategy and seed that is done: so each outlives
 * the process that made it.
 */
export const sql = `
CREATE TABLE replay (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  key TEXT NOT NULL,
  plan TEXT NOT NULL,
  labels TEXT NOT NULL,
  reference TEXT,
  begun_at TEXT NOT NULL
) STRICT;

CREATE TABLE replay_cell (
  strategy TEXT NOT NULL,
  seed INTEGER NOT NULL,
  points TEXT NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (strategy, seed)
) STRICT, WITHOUT ROWID;
`
