/** Lists of Review that somebody named: tab, filter and order, as JSON. */
export const sql = `
CREATE TABLE saved_filter (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  query TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
`
