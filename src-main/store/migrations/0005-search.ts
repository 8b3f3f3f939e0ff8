/** What the last search of settings found; one row, or none before the first search. */
export const sql = `
CREATE TABLE search_report (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  report TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
`
