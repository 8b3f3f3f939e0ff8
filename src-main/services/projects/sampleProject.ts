import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { defaultProjectSettings } from '#shared/domain/project.ts'
import { cannotJudgeReason, type Answer } from '#shared/domain/rating.ts'
import { score } from '#shared/domain/score.ts'
import { programRoot } from '../../programRoot.ts'
import { newId } from '../../store/newId.ts'
import { openProjectStore, type ProjectStore } from '../../store/projectStore.ts'
import { noCounts } from '../../store/repositories/imports.ts'
import { projectSuffix } from './projectFileName.ts'

/** The sample's texts and ratings, one pair a line. */
export const samplePairsFile = new URL('resources/sample/pairs.jsonl', programRoot)

const note = z.string().optional()
const samplePair = z.object({
  id: z.string(),
  premise: z.string().trim().min(1),
  hypothesis: z.string().trim().min(1),
  domain: z.string(),
  ratings: z.array(
    z.union([
      z.object({ rater: z.string(), score, note }),
      z.object({ rater: z.string(), cannotJudge: cannotJudgeReason, note }),
    ]),
  ),
})
type SamplePair = z.infer<typeof samplePair>

const guideline = `How strongly does the second text belong to the first?

0: it has nothing to do with it, or cannot be true together with it. 1: it says the same, or surely follows.
Judge the texts as they stand; what you would have to look up counts for nothing.`

function readSamplePairs(): SamplePair[] {
  return readFileSync(samplePairsFile, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => samplePair.parse(JSON.parse(line)))
}

/** Puts the sample's pairs and ratings into an empty project, as one import. */
function fillSample(store: ProjectStore): void {
  const pairs = readSamplePairs()
  store.project.create('Sample', defaultProjectSettings)
  const { version } = store.guidelines.write(guideline)
  const at = new Date().toISOString()
  const importing = store.imports.begin({
    id: newId(),
    fileName: 'sample.jsonl',
    options: {
      layout: { format: 'jsonl', encoding: 'utf-8' },
      columns: { premise: 'premise', hypothesis: 'hypothesis', id: 'id', metadata: ['domain'] },
      scoreRange: { low: 0, high: 1 },
      rater: 'sample',
      split: null,
      onBadRow: 'stop',
    },
    startedAt: at,
  })
  importing.stage(
    pairs.map(({ id, premise, hypothesis, domain }, index) => ({
      rowNumber: index + 1,
      externalId: id,
      premise,
      hypothesis,
      score: null,
      rater: 'sample',
      declaredSplit: null,
      metadata: { domain },
      superseded: false,
    })),
    (outcomes) => {
      const refused = outcomes.findIndex(({ kind }) => kind !== 'pair')
      if (refused >= 0) throw new Error(`Line ${refused + 1} of the sample repeats a pair or an id.`)
      return []
    },
  )
  const ratings = pairs.reduce((sum, pair) => sum + pair.ratings.length, 0)
  importing.finish({ ...noCounts, rows: pairs.length, pairs: pairs.length, ratings }, at)
  rateSample(store, pairs, version)
}

function rateSample(store: ProjectStore, pairs: readonly SamplePair[], guidelineVersion: number): void {
  for (const { id, ratings } of pairs) {
    const pair = store.pairs.byExternalId(id)
    if (pair === null) throw new Error(`The sample's pair ${id} was not stored.`)
    for (const given of ratings) {
      const answer: Answer =
        'score' in given
          ? { kind: 'score', value: given.score, rawPosition: given.score }
          : { kind: 'cannot-judge', reason: given.cannotJudge }
      store.ratings.insert({
        pairId: pair.id,
        raterId: (store.raters.byName(given.rater) ?? store.raters.create(given.rater)).id,
        answer,
        note: given.note ?? null,
        scaleKind: 'linear',
        timing: null,
        orderShown: null,
        shownBecause: null,
        suggestionId: null,
        guidelineVersion,
        passNumber: 1,
        source: 'import',
        supersedes: null,
      })
    }
  }
}

/**
 * The path of the sample project in `folder`; the file is made where it is missing, under another name until it is
 * whole.
 */
export function ensureSampleProject(folder: string): string {
  const path = join(folder, `Sample${projectSuffix}`)
  if (existsSync(path)) return path
  const part = `${path}.part`
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(part + suffix, { force: true })
  const store = openProjectStore(part, { create: true })
  try {
    store.database.transaction(() => fillSample(store))()
  } finally {
    store.close()
  }
  renameSync(part, path)
  return path
}
