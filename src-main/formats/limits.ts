/** Bounds that keep one bad row from costing more than itself. Lengths are counted in UTF-16 code units. */
export const limits = {
  /** A premise, a hypothesis or a kept metadata value. */
  text: 20_000,
  externalId: 1_000,
  /** Of a header, and of what is shown of JSON Lines. */
  columns: 1_000,
  columnName: 200,
  raterName: 80,
  /** How much of a rejected row is kept. */
  rejectedText: 2_000,
  /** A quoted field that is not closed within these is a broken quote. */
  quotedLines: 1_000,
  quotedCharacters: 262_144,
  /** A longer row is refused whole and skipped up to its end. */
  record: 1_048_576,
} as const
