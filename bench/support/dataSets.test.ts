import { describe, expect, test } from 'vitest'
import { groupsOf, parseStsb, parseRated, parseUnli, readStsb, readRaters, readUnli } from './dataSets.ts'

describe('STS Benchmark', () => {
  test('quotes are text, further columns do not count, scores are divided by five', () => {
    const content = [
      'main-news\tnet\t2014\t0007\t3.800\t"The ferry" left.\tA ferry "left\tsource one\tsource two',
      'main-captions\timages\t2013\t0007\t0.000\tA heron stands.\tTwo dogs swim.',
      '',
    ].join('\n')
    expect(parseStsb(content)).toEqual([
      {
        id: 'main-news/net/2014/0007',
        premise: '"The ferry" left.',
        hypothesis: 'A ferry "left',
        target: 0.76,
      },
      {
        id: 'main-captions/images/2013/0007',
        premise: 'A heron stands.',
        hypothesis: 'Two dogs swim.',
        target: 0,
      },
    ])
  })

  test.each(['a\tb\tc\td\t\tone\ttwo', 'a\tb\tc\td\t5.1\tone\ttwo', 'a\tb\tc\td\t5\tone'])(
    'refuses a line without score or sentence: %j',
    (line) => {
      expect(() => parseStsb(line)).toThrow('Line 1 ')
    },
  )
})

test('UNLI takes the probability, not the class', () => {
  const line =
    '{"item_id": "u-1", "premise": "It rains.", "hypothesis": "It is wet.", "nli": 1, "score": 0.93}'
  expect(parseUnli(`${line}\n`)).toEqual([
    { id: 'u-1', premise: 'It rains.', hypothesis: 'It is wet.', target: 0.93 },
  ])
})

test('the target of single ratings is their mean', () => {
  const line =
    '{"item_id": "s-1", "premise": "It rains.", "hypothesis": "It is wet.", "scores": [0.2, 0.4, 0.9], "mean_file": 2.5}'
  const [pair] = parseRated(line)
  expect(pair).toMatchObject({ id: 's-1', scores: [0.2, 0.4, 0.9] })
  expect(pair?.target).toBeCloseTo(0.5, 12)
  expect(() => parseRated(line.replace('0.9', '1.9'))).toThrow()
})

test('premises that differ in case and white space alone are one group', () => {
  const pairs = ['A heron.', 'Two dogs.', ' a  HERON. ', 'A heron'].map((premise) => ({ premise }))
  expect([...groupsOf(pairs)]).toEqual([0, 1, 0, 2])
})

test('the files hold what their README says', ({ skip }) => {
  const unli = readUnli()
  const rated = readRaters()
  const parts = (['train', 'dev', 'test'] as const).map(readStsb)
  if (unli === null || rated === null || parts.includes(null)) skip('../shared/data is not there')
  expect(parts.map((pairs) => pairs?.length)).toEqual([5749, 1500, 1379])
  expect(unli?.length).toBe(3040)
  expect([rated?.length, rated?.every(({ scores }) => scores.length === 5)]).toEqual([8331, true])
  for (const pairs of [unli, ...parts]) expect(new Set(pairs?.map(({ id }) => id)).size).toBe(pairs?.length)
})
