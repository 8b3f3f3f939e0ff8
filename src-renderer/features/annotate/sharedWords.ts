/** A piece of a text; `shared` words also stand in the other text. */
export interface TextPiece {
  readonly text: string
  readonly shared: boolean
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })
/** Short words of alphabetic scripts (the, of, und) say little when shared. */
const saysLittle = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]{1,3}$/u

const toKey = (word: string): string => word.normalize('NFKC').toLowerCase()

function wordsOf(text: string): Set<string> {
  const words = new Set<string>()
  for (const { segment, isWordLike } of segmenter.segment(text))
    if (isWordLike === true && !saysLittle.test(segment)) words.add(toKey(segment))
  return words
}

/** Cuts a text into pieces, so that the words it shares with the other text stand alone; joined they are the text. */
export function markShared(text: string, other: string): TextPiece[] {
  const known = wordsOf(other)
  const pieces: TextPiece[] = []
  let plain = ''
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike !== true || !known.has(toKey(segment))) plain += segment
    else {
      if (plain !== '') pieces.push({ text: plain, shared: false })
      plain = ''
      pieces.push({ text: segment, shared: true })
    }
  }
  if (plain !== '') pieces.push({ text: plain, shared: false })
  return pieces
}
