/**
 * Class labels. A rating that a label was imported with keeps the name of its class; `label_scored` is 1 where the
 * rating's score is that of the class, and null where the row brought a score of its own, which no change of the mapping
 * touches. `rescoring` is 1 from a change of the mapping until every label has followed it.
 */
export const sql = `
ALTER TABLE rating ADD COLUMN label TEXT;
ALTER TABLE rating ADD COLUMN label_scored INTEGER CHECK (label_scored IS NULL OR (label_scored = 1 AND label IS NOT NULL));
-- Most ratings have no label and stay out of the index.
CREATE INDEX rating_by_label ON rating (label, id) WHERE label IS NOT NULL;

ALTER TABLE project ADD COLUMN rescoring INTEGER NOT NULL DEFAULT 0 CHECK (rescoring IN (0, 1));
`
