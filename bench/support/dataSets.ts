import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { numberGroups } from '../../src-main/learning/metrics/groups.ts'
import { premiseGroup } from '../../src-main/store/pairKeys.ts'

const folder = '../shared/data'

/** A pair with what people said of it. */
export interface DataPair {
  /** Names the pair within its file. */
  readonly id: string
  readonly premise: string
  readonly hypothesis: string
  /** 0–1. */
  readonly target: number
}

/**
 * Parses a file of the STS Benchmark: genre, file, year, id, score 0–5, two sentences, and on some lines more columns.
 * Quotes are literal. An id is the first four columns, which only together tell the pairs apart.
 * @throws where a line has no score from 0 to 5 or lacks a sentence.
 */
export function parseStsb(content: string): DataPair[] {
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const columns = line.split('\t')
      const [score = '', premise = '', hypothesis = ''] = columns.slice(4)
      const target = score === '' ? NaN : Number(score) / 5
      if (!(target >= 0 && target <= 1) || premise === '' || hypothesis === '')
        throw new Error(`Line ${index + 1} is no line of the STS Benchmark: ${line}`)
      return { id: columns.slice(0, 4).join('/'), premise, hypothesis, target }
    })
}

const unliRow = z.object({
  item_id: z.string(),
  premise: z.string().min(1),
  hypothesis: z.string().min(1),
  score: z.number().min(0).max(1),
})

/** Parses a file of Uncertain NLI, one JSON object a line. @throws where a line is none. */
export function parseUnli(content: string): DataPair[] {
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { item_id: id, premise, hypothesis, score } = unliRow.parse(JSON.parse(line))
      return { id, premise, hypothesis, target: score }
    })
}

/** A pair with each rater's own score; `target` is their mean. */
export interface RatedPair extends DataPair {
  /** 0–1 */
  readonly scores: readonly number[]
}

const ratedRow = z.object({
  item_id: z.string(),
  premise: z.string().min(1),
  hypothesis: z.string().min(1),
  scores: z.array(z.number().min(0).max(1)).min(1),
})

/** Parses a file of pairs with single ratings, one JSON object a line. @throws where a line is none. */
export function parseRated(content: string): RatedPair[] {
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { item_id: id, premise, hypothesis, scores } = ratedRow.parse(JSON.parse(line))
      const target = scores.reduce((sum, score) => sum + score, 0) / scores.length
      return { id, premise, hypothesis, target, scores }
    })
}

function read<Pair>(path: string, parse: (content: string) => Pair[]): Pair[] | null {
  return existsSync(path) ? parse(readFileSync(path, 'utf8')) : null
}

/** A part of the STS Benchmark; null where it is not beside the repository. */
export function readStsb(part: 'train' | 'dev' | 'test'): DataPair[] | null {
  return read(`${folder}/stsb/sts-${part}.tsv`, parseStsb)
}

/** The dev part of Uncertain NLI; null where it is not beside the repository. */
export function readUnli(): DataPair[] | null {
  return read(`${folder}/unli/unli-dev.jsonl`, parseUnli)
}

/** STS 2015 with each pair's five single scores; null where it is not beside the repository. */
export function readRaters(): RatedPair[] | null {
  return read(`${folder}/sts2015-raters/pairs-5-scores.jsonl`, parseRated)
}

/** The premise group of each pair, numbered from 0 in order of first appearance [pairs]; groups are those of the store. */
export function groupsOf(pairs: readonly Pick<DataPair, 'premise'>[]): Int32Array<ArrayBuffer> {
  return Int32Array.from(numberGroups(pairs.map(({ premise }) => premiseGroup(premise))).of)
}
