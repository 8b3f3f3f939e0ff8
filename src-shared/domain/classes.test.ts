import { expect, test } from 'vitest'
import { classScores, createLabelReader, defaultClassScores, renamed } from './classes.ts'

/** The class that each label is read as, or what else it is. */
function readAll(read: ReturnType<typeof createLabelReader>, labels: readonly string[]): string[] {
  return labels.map((label) => {
    const reading = read(label)
    return reading.kind === 'class' ? reading.found.name : reading.kind
  })
}

test('labels are read whatever their case and white space, in the spellings of published data sets', () => {
  const read = createLabelReader(defaultClassScores)
  expect(readAll(read, [' Entailment', 'NEUTRAL\t', 'e', 'N', 'contradicts', 'contradictory'])).toEqual([
    'entailment',
    'neutral',
    'entailment',
    'neutral',
    'contradiction',
    'contradiction',
  ])
  expect(readAll(read, ['', ' ', '-', '0', '1', '2', 'maybe'])).toEqual([
    'none',
    'none',
    'none',
    'unknown',
    'unknown',
    'unknown',
    'unknown',
  ])
})

test('what the user says of a label comes before what it looks like', () => {
  const read = createLabelReader(defaultClassScores, [
    { label: '0', className: 'Entailment' },
    { label: 'n', className: null },
    { label: 'x', className: 'no such class' },
  ])
  expect(readAll(read, ['0', 'N', 'x', 'neutral'])).toEqual(['entailment', 'none', 'unknown', 'neutral'])
})

test('other spellings and former names lead to a class, but a class of that very name comes first', () => {
  const supports = renamed(renamed({ name: 'entailment', score: 1 }, 'entails'), 'supports')
  expect(supports).toEqual({ name: 'supports', score: 1, formerly: ['entailment', 'entails'] })
  expect([
    renamed(supports, 'Entails').formerly,
    renamed({ name: 'Neutral', score: 0.5 }, 'neutral'),
    renamed(supports, 'supports'),
  ]).toEqual([['entailment', 'supports'], { name: 'neutral', score: 0.5 }, supports])
  const read = createLabelReader([supports, { name: 'Entails', score: 0.8 }, { name: 'refutes', score: 0 }])
  expect(readAll(read, ['entailment', 'entails', 'e', 'not  enough'])).toEqual([
    'supports',
    'Entails',
    'Entails',
    'unknown',
  ])
})

test('a mapping has 2 to 20 classes with names of their own and scores from 0 to 1', () => {
  const named = (...names: string[]): unknown => names.map((name) => ({ name, score: 0.5 }))
  const fits = (value: unknown): boolean => classScores.safeParse(value).success
  expect([
    fits(defaultClassScores),
    fits(named('a')),
    fits(named(...Array.from({ length: 20 }, (_, index) => `class ${index}`))),
    fits(named(...Array.from({ length: 21 }, (_, index) => `class ${index}`))),
    fits(named('Yes', 'yes ')),
    fits(named('yes', '-')),
    fits([
      { name: 'yes', score: 1.01 },
      { name: 'no', score: 0 },
    ]),
  ]).toEqual([true, false, true, false, false, false, false])
})
