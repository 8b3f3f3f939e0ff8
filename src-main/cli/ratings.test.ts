import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import { contract } from '#shared/contract/index.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { positionOf } from '#shared/domain/score.ts'
import type { Suggestion } from '#shared/domain/suggestion.ts'
import { createClient } from '#shared/rpc/client.ts'
import { createPortPair } from '#shared/rpc/port.ts'
import { createBackend } from '../backend.ts'
import { createForkWorker } from '../jobs/forkWorker.ts'
import { newId } from '../store/newId.ts'
import type { ProjectStore } from '../store/projectStore.ts'
import { createTestFolder, createTestProject } from '../store/testStore.ts'
import { findRater, readGivenRating, readRatings, storeRating, type GivenRating } from './ratings.ts'
import type { Session } from './session.ts'

let session: Session
let store: ProjectStore
let end: () => Promise<void>
beforeEach(() => {
  const folder = createTestFolder()
  const startWorker = createForkWorker(pathToFileURL(`${folder.path}/`))
  const backend = createBackend({ host: 'command-line', startWorker, offerDownload: null, home: folder.path })
  const [ownPort, backendPort] = createPortPair()
  backend.connect(backendPort)
  const client = createClient(contract, ownPort)
  const { signal } = new AbortController()
  session = { context: backend.context, signal, call: (name, input) => client.call(name, input, { signal }) }
  ;({ store } = createTestProject({ pairs: 2, raters: ['Ada'] }))
  backend.context.session.set({ store, path: ':memory:' })
  end = async () => {
    client.close()
    await backend.close()
    folder.remove()
  }
})
afterEach(() => end())

async function read(...lines: unknown[]): Promise<GivenRating[]> {
  const given: GivenRating[] = []
  const input = Readable.from(lines.map((line) => `${JSON.stringify(line)}\n`))
  for await (const rating of readRatings(input)) given.push(rating)
  return given
}
const rejection = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (thrown: unknown) => (thrown instanceof GradusError ? [thrown.code, thrown.message] : thrown),
  )

test('lines say how sure a rater is by number or in words, and nothing of what cannot be judged', async () => {
  const given = await read(
    { pair: 'pair 1', score: 0.7, confidence: 2 },
    { pair: 'pair 1', low: 0.2, high: 0.5, confidence: 'unsure' },
    { pair: 'pair 2', cannotJudge: 'other' },
    { pair: 'pair 2', score: 1 },
  )
  expect(given.map(({ confidence }) => confidence)).toEqual([2, 1, null, null])
  for (const bad of [
    { pair: 'pair 1', score: 0.7, confidence: 4 },
    { pair: 'pair 1', score: 0.7, confidence: 'certain' },
    { pair: 'pair 1', cannotJudge: 'other', confidence: 1 },
  ])
    expect(await rejection(read(bad))).toEqual(['bad-file', expect.stringContaining('Line 1 of the input')])
  expect(
    readGivenRating({ rater: 'Ada', pair: 'p', queue: 'order', score: 0.5, confidence: 'sure' }),
  ).toEqual({
    where: '--pair p',
    pair: 'p',
    answer: { kind: 'score', value: 0.5, rawPosition: 0.5 },
    confidence: 3,
    note: null,
  })
})

test('a score gets its place on the scale of the project, a range its ends', async () => {
  store.project.writeSettings({ ...store.project.read().settings, scaleKind: 'logit', askConfidence: true })
  const rater = await findRater(session, 'ada')
  const [score, range] = await read(
    { pair: 'pair 1', score: 0.9, confidence: 'fairly sure' },
    { pair: 'pair 2', low: 0.1, high: 0.3 },
  )
  const [first, second] = [
    await storeRating(session, rater, score!, 0),
    await storeRating(session, rater, range!, 1),
  ]
  expect([store.ratings.byId(first.rating), store.ratings.byId(second.rating)]).toMatchObject([
    {
      answer: { value: 0.9, rawPosition: expect.closeTo(positionOf(0.9, 'logit'), 12) as number },
      scaleKind: 'logit',
      confidence: 2,
    },
    { answer: { low: 0.1, high: 0.3 }, scaleKind: 'logit', confidence: null },
  ])
})

test('a confidence that the project does not ask for is refused, and nothing is stored of it', async () => {
  const rater = await findRater(session, 'Ada')
  const [given] = await read({ pair: 'pair 1', score: 0.9, confidence: 1 })
  expect(await rejection(storeRating(session, rater, given!, 3))).toEqual([
    'bad-options',
    expect.stringMatching(/^Line 1 of the input: this project does not ask .* Stored before it: 3\.$/),
  ])
  expect(store.ratings.any()).toBe(false)
})

test('a suggested pair counts as rated because it was, where the queue is that of the suggestions', async () => {
  const rater = await findRater(session, 'Ada')
  const runId = newId()
  const createdAt = new Date().toISOString()
  store.runs.start({
    id: runId,
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'e',
    snapshotDigest: 's',
    labelledPairs: 1,
    libraries: {},
    createdAt,
  })
  store.database.prepare("UPDATE run SET status = 'finished', finished_at = ?").run(createdAt)
  const [first, second] = await read({ pair: 'pair 1', score: 0.9 }, { pair: 'pair 2', score: 0.2 })
  const suggested = (pair: string): Suggestion => ({
    id: newId(),
    runId,
    pairId: store.pairs.byExternalId(pair)!.id,
    strategy: 'hybrid',
    ask: 'new-pair',
    rank: pair === 'pair 1' ? 1 : 2,
    reason: 'The heads differ.',
  })
  const suggestions = [suggested('pair 1'), suggested('pair 2')]
  store.suggestions.write(suggestions)
  const stored = [
    await storeRating(session, rater, first!, 0, 'review'),
    await storeRating(session, rater, second!, 1),
  ]
  expect(stored.map(({ rating }) => store.ratings.byId(rating))).toMatchObject([
    { shownBecause: 'suggestion', suggestionId: suggestions[0]!.id },
    { shownBecause: 'chosen', suggestionId: null },
  ])
})
