import { expect, it } from 'vitest'
import { markShared } from './sharedWords.ts'

const marked = (text: string, other: string): string =>
  markShared(text, other)
    .map((piece) => (piece.shared ? `[${piece.text}]` : piece.text))
    .join('')

it('marks the words both texts share, whatever their case, and leaves out the short ones', () => {
  expect(marked('The Ferry to the island was late.', 'the island has no ferry')).toBe(
    'The [Ferry] to the [island] was late.',
  )
})

it('does not mark parts of words', () => {
  expect(marked('boiling water', 'Water boils, waterproof')).toBe('boiling [water]')
})

it('marks short words of scripts where they are whole words', () => {
  expect(marked('水を飲む', '水')).toBe('[水]を飲む')
})

it('gives back the text unchanged when joined', () => {
  const text = '  “Fog”, said\nthe captain…  '
  expect(
    markShared(text, 'captain')
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text)
})
