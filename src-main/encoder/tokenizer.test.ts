import { expect, test } from 'vitest'
import { makeBatches, openTokenizer, padBatch } from './tokenizer.ts'

test('texts become the tokens of the uncased BERT vocabulary, unpadded', async () => {
  const tokenizer = await openTokenizer()
  expect(['Hello, world!', 'naïve unaffable', '', '🙂'].map(tokenizer)).toEqual([
    [101, 7592, 1010, 2088, 999, 102],
    [101, 15743, 14477, 20961, 3468, 102],
    [101, 102],
    [101, 100, 102],
  ])
})

test('a long text is cut to 256 tokens and still ends with [SEP]', async () => {
  const tokenizer = await openTokenizer()
  const seen = ['word '.repeat(254), 'word '.repeat(255), 'word '.repeat(100_000), 'x'.repeat(1_000_000)]
    .map(tokenizer)
    .map((ids) => ({ length: ids.length, first: ids[0], last: ids.at(-1) }))
  expect(seen).toEqual([
    { length: 256, first: 101, last: 102 },
    { length: 256, first: 101, last: 102 },
    { length: 256, first: 101, last: 102 },
    { length: 3, first: 101, last: 102 },
  ])
})

test('batches hold every text once, longest first, within the budget', () => {
  const texts = [3, 9, 2, 12, 3, 4].map((length) => Array.from({ length }, () => 1))
  expect(makeBatches(texts, 10)).toEqual([
    { rows: [3], length: 12 },
    { rows: [1], length: 9 },
    { rows: [5, 0], length: 4 },
    { rows: [4, 2], length: 3 },
  ])
  expect(makeBatches([], 10)).toEqual([])
})

test('a batch is padded at the end of its rows', () => {
  const texts = [
    [101, 7, 102],
    [101, 102],
  ]
  expect(padBatch(texts, { rows: [1, 0], length: 3 })).toEqual({
    ids: BigInt64Array.of(101n, 102n, 0n, 101n, 7n, 102n),
    mask: BigInt64Array.of(1n, 1n, 0n, 1n, 1n, 1n),
  })
})
