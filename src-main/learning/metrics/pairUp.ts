/**
 * The one length of columns that belong to the same rows.
 * @param lengths by what the columns hold, in words: `{ scores: 3, targets: 3 }`.
 * @throws RangeError on unequal lengths.
 */
export function pairUp(lengths: Readonly<Record<string, number>>): number {
  const [first = 0, ...others] = Object.values(lengths)
  if (others.some((length) => length !== first)) {
    const parts = Object.entries(lengths).map(([name, length]) => `${length} ${name}`)
    throw new RangeError(`${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''} do not pair up`)
  }
  return first
}
