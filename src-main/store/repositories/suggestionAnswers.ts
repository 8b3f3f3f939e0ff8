/**
 * SQL that tells whether a row of `counted_rating`, called `rating`, answers a row called `suggestion`. Ids sort by the time
 * they were made, and those of suggestions are made before labels are read for the ranking: a rating with a greater id came
 * after it. Another rating is one by somebody who had not answered the pair before.
 */
export const answersSuggestion = `
  rating.pair_id = suggestion.pair_id AND rating.id > suggestion.id AND (
    suggestion.ask = 'new-pair' OR NOT EXISTS (
      SELECT 1 FROM rating AS before
      WHERE before.pair_id = rating.pair_id AND before.rater_id = rating.rater_id
        AND before.id < suggestion.id AND before.kind <> 'retraction'
    )
  )`

/** SQL that tells whether nobody has answered the row called `suggestion`. */
export const waitsForAnswer = `NOT EXISTS (
  SELECT 1 FROM counted_rating AS rating WHERE ${answersSuggestion}
)`

/**
 * SQL for the first id of a ranking that has taken the place of the row's own; null where none has. The ids of one ranking
 * begin with the same time; those of older programs do nearly.
 */
export const replacingId = `(
  SELECT MIN(later.id) FROM suggestion AS later
  WHERE later.id > substr(suggestion.id, 1, 10) || '~'
    AND (later.run_id <> suggestion.run_id OR suggestion.rank < 0)
)`

/** SQL for the rank that a suggestion had, also where it has been replaced: ids are made in the order of ranks. */
export const givenRank = `CASE WHEN suggestion.rank > 0 THEN suggestion.rank ELSE (
  SELECT COUNT(*) FROM suggestion AS other
  WHERE other.id > substr(suggestion.id, 1, 10) AND other.id <= suggestion.id AND other.run_id = suggestion.run_id
) END`
