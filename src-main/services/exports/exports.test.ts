import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { ImportOptions } from '#shared/contract/imports.ts'
import type { Job } from '#shared/contract/jobs.ts'
import type { Answer } from '#shared/domain/rating.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { openEmptyProject, type EmptyProject } from '../testing/emptyTestProject.ts'
import { createExportHandlers } from './exports.ts'
import { createFileTokens } from '../fileTokens.ts'
import { createImportHandlers } from '../imports/imports.ts'
import { createTestFolders } from '../testing/trainingProject.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())
let project: EmptyProject
beforeEach(() => (project = openEmptyProject(folders)))
afterEach(() => project.close())

const call = { signal: new AbortController().signal }
let folderCount = 0

function newFolder(): string {
  folderCount += 1
  const folder = join(folders.projects, `out-${folderCount}`)
  mkdirSync(folder)
  return folder
}

async function importFile(
  into: EmptyProject,
  path: string,
  change: Partial<ImportOptions> = {},
): Promise<Job> {
  const handlers = createImportHandlers(into.context)
  const fileToken = into.context.files.allow(path)
  const { layout, columns, scoreRange } = await handlers['imports.preview']({ fileToken }, call)
  const options = {
    layout,
    columns,
    scoreRange,
    rater: 'gold',
    split: null,
    onBadRow: 'report' as const,
    ...change,
  }
  const { jobId } = await handlers['imports.start']({ fileToken, options }, call)
  return into.context.jobs.ended(jobId)
}

async function exportDataset(from: EmptyProject, folder: string): Promise<Job> {
  const handlers = createExportHandlers(from.context)
  const { jobId } = await handlers['exports.start'](
    { kind: 'dataset', folderToken: from.context.files.allow(folder) },
    call,
  )
  return from.context.jobs.ended(jobId)
}

/** A project with imported scores of two raters, a range, a can't-judge, a revision, a retraction and a dispute. */
async function fill(into: EmptyProject): Promise<void> {
  const { store } = into
  const path = join(folders.projects, 'source.csv')
  writeFileSync(
    path,
    [
      'id,premise,hypothesis,score,rater,split,metadata.genre',
      'p1,"=SUM(A1), ""quoted""",Second text,0.2,Ada,train,news',
      'p1,"=SUM(A1), ""quoted""",Second text,0.5,Bo,train,news',
      'p2,"Two\nlines",- minus,1,Ada,,',
      'p3,Third,Nobody scored,,,test,"web, old"',
      'p4,Fourth,Ünïcödé 😀,0.25,Ada,,web',
    ].join('\n'),
  )
  await importFile(into, path)
  const [first, second, third, fourth] = store.database
    .prepare('SELECT id FROM pair ORDER BY id')
    .pluck()
    .all()
    .map(String)
  const ada = store.raters.byName('Ada')!.id
  const bo = store.raters.byName('Bo')!.id
  const rate = (pairId: string | undefined, raterId: string, answer: Answer): string =>
    store.ratings.insert({
      pairId: pairId!,
      raterId,
      answer,
      note: answer.kind === 'range' ? 'unsure,\nreally' : null,
      scaleKind: 'linear',
      timing: { timeToFirstTouch: 800, timeToCommit: 2_500, changeCount: 2 },
      orderShown: 3,
      shownBecause: 'order',
      suggestionId: null,
      guidelineVersion: 1,
      passNumber: 1,
      source: 'annotate',
      supersedes: store.ratings.current(pairId!, raterId)?.id ?? null,
    })
  rate(second, bo, { kind: 'range', low: 0.4, high: 0.6 })
  rate(third, bo, { kind: 'cannot-judge', reason: 'needs-context' })
  rate(fourth, ada, { kind: 'score', value: 0.75, rawPosition: 0.75 })
  rate(fourth, bo, { kind: 'score', value: 0.1, rawPosition: 0.1 })
  store.ratings.retract(store.ratings.current(fourth!, bo)!)
  const [adas, bos] = [store.ratings.current(first!, ada)!, store.ratings.current(first!, bo)!]
  store.disputes.create({
    pairId: first!,
    raterId: bo,
    target: { kind: 'rating', ratingId: adas.id },
    disputedScore: 0.2,
    ownRatingId: bos.id,
    reason: 'They do share\na subject.',
  })
}

function readLines(folder: string, name: string): Record<string, unknown>[] {
  const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Texts with consensus, or with each rater's current score, without ids, sorted. */
function scoresOf(store: ProjectStore): unknown[] {
  return store.database
    .prepare(
      `SELECT premise, hypothesis, rater.name, round(rating.score, 9) AS score
       FROM current_pair AS pair
       LEFT JOIN current_rating AS rating ON rating.pair_id = pair.id AND rating.score IS NOT NULL
       LEFT JOIN rater ON rater.id = rating.rater_id ORDER BY premise, hypothesis, rater.name`,
    )
    .raw()
    .all()
}

test('the dataset: every rating, one row per pair, disputes and a description', async () => {
  await fill(project)
  const folder = newFolder()
  const job = await exportDataset(project, folder)
  const files =
    job.detail.kind === 'export' ? job.detail.files.map(({ name, download }) => [name, download]) : []
  const pairs = readLines(folder, 'pairs.jsonl').map((row) => ({ ...row, pair_id: undefined }))
  const ratings = readLines(folder, 'ratings.jsonl').map((row) =>
    ['external_id', 'rater', 'current', 'answer_kind', 'score', 'low', 'raw_position', 'source'].map(
      (name) => row[name],
    ),
  )
  const disputes = readLines(folder, 'disputes.jsonl').map((row) =>
    ['external_id', 'rater', 'target', 'against', 'disputed_score', 'own_score', 'reason'].map(
      (name) => row[name],
    ),
  )
  const row = {
    declared_split: null,
    split: 'train',
    sd: null,
    cannot_judge: 0,
    settled: null,
    text_version: 1,
  }
  expect({ outcome: job.outcome, files, pairs, ratings, disputes }).toEqual({
    outcome: { status: 'finished' },
    files: [
      'ratings.jsonl',
      'ratings.csv',
      'pairs.jsonl',
      'pairs.csv',
      'disputes.jsonl',
      'disputes.csv',
      'decisions.jsonl',
      'decisions.csv',
      'gold.jsonl',
      'gold.csv',
      'texts.jsonl',
      'texts.csv',
      'dataset.json',
    ].map((name) => [name, null]),
    pairs: [
      {
        ...row,
        external_id: 'p1',
        premise: '=SUM(A1), "quoted"',
        hypothesis: 'Second text',
        declared_split: 'train',
        consensus: 0.35,
        count: 2,
        sd: expect.closeTo(0.2121320344, 9) as unknown,
        metadata: { genre: 'news' },
      },
      {
        ...row,
        external_id: 'p2',
        premise: 'Two\nlines',
        hypothesis: '- minus',
        split: expect.stringMatching(/train|holdout/) as unknown,
        consensus: 0.75,
        count: 2,
        sd: expect.closeTo(0.3535533906, 9) as unknown,
        metadata: { genre: '' },
      },
      {
        ...row,
        external_id: 'p3',
        premise: 'Third',
        hypothesis: 'Nobody scored',
        split: 'holdout',
        declared_split: 'holdout',
        consensus: null,
        count: 0,
        cannot_judge: 1,
        metadata: { genre: 'web, old' },
      },
      {
        ...row,
        external_id: 'p4',
        premise: 'Fourth',
        hypothesis: 'Ünïcödé 😀',
        split: expect.stringMatching(/train|holdout/) as unknown,
        consensus: 0.75,
        count: 1,
        metadata: { genre: 'web' },
      },
    ],
    ratings: [
      ['p1', 'Ada', true, 'score', 0.2, null, null, 'import'],
      ['p1', 'Bo', true, 'score', 0.5, null, null, 'import'],
      ['p2', 'Ada', true, 'score', 1, null, null, 'import'],
      ['p2', 'Bo', true, 'range', 0.5, 0.4, null, 'annotate'],
      ['p3', 'Bo', true, 'cannot-judge', null, null, null, 'annotate'],
      ['p4', 'Ada', true, 'score', 0.75, null, 0.75, 'annotate'],
      ['p4', 'Ada', false, 'score', 0.25, null, null, 'import'],
      ['p4', 'Bo', false, 'score', 0.1, null, 0.1, 'annotate'],
      ['p4', 'Bo', false, 'retraction', null, null, null, 'annotate'],
    ],
    disputes: [['p1', 'Bo', 'rating', 'Ada', 0.2, 0.5, 'They do share\na subject.']],
  })
  expect(JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8'))).toMatchObject({
    format: 'gradus-dataset',
    title: 'Test',
    scale: { low: 0, high: 1, low_label: 'unrelated', high_label: 'equivalent' },
    guidelines: [{ version: 1, text: 'Score how much the hypothesis follows.' }],
    counts: { pairs: 4, labelled_pairs: 3, ratings: 9, current_scores: 5, disputes: 1 },
  })
})

test('exporting again gives the same bytes, with true digests, and leaves nothing else in the folder', async () => {
  await fill(project)
  const folder = newFolder()
  const first = await exportDataset(project, folder)
  const bytes = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')])
  const second = await exportDataset(project, folder)
  const again = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')])
  expect([again, again.length, second.detail]).toEqual([bytes, 13, first.detail])
})

for (const name of ['ratings.csv', 'ratings.jsonl'])
  test(`our own ${name} is guessed right and brings back pairs, raters and current scores`, async () => {
    await fill(project)
    const folder = newFolder()
    await exportDataset(project, folder)
    const other = openEmptyProject(folders)
    const job = await importFile(other, join(folder, name))
    expect({
      scores: scoresOf(other.store),
      counts: job.detail.kind === 'import' ? job.detail.counts : null,
    }).toEqual({
      scores: scoresOf(project.store),
      // Two replaced answers and a retraction stand in the file and are reported, not taken.
      counts: { rows: 9, pairs: 4, ratings: 5, duplicates: 3, rejected: 0 },
    })
    await other.close()
  })

for (const name of ['pairs.csv', 'pairs.jsonl'])
  test(`our own ${name} is guessed right and brings back the same pairs with their consensus`, async () => {
    await fill(project)
    const folder = newFolder()
    await exportDataset(project, folder)
    const other = openEmptyProject(folders)
    await importFile(other, join(folder, name))
    const back = newFolder()
    await exportDataset(other, back)
    const comparable = (from: string): unknown[] =>
      readLines(from, 'pairs.jsonl').map(
        ({ external_id, premise, hypothesis, split, consensus, metadata }) => ({
          external_id,
          premise,
          hypothesis,
          split,
          consensus,
          metadata,
        }),
      )
    expect(comparable(back)).toEqual(comparable(folder))
    await other.close()
  })

/** After `fill`: what many raters bring. The first pair is adjudicated, the second has a new text, the fourth is in the bin. */
function settleSome({ store }: EmptyProject): void {
  const [first, second, third, fourth] = store.database
    .prepare('SELECT id FROM pair ORDER BY id')
    .pluck()
    .all()
    .map(String) as [string, string, string, string]
  const [ada, bo] = ['Ada', 'Bo'].map((name) => store.raters.byName(name)!.id) as [string, string]
  const decided = { decidedBy: ada, askedRaterId: null, score: null, reason: 'because' }
  store.decisions.add({ ...decided, pairId: first, kind: 'adjudicated', score: 0.7 })
  store.decisions.add({ ...decided, pairId: third, kind: 'another-rater', askedRaterId: ada })
  const given = { note: null, scaleKind: 'linear', timing: null, orderShown: 0, suggestionId: null } as const
  const commit = { ...given, shownBecause: 'order', guidelineVersion: 1, source: 'annotate' } as const
  const answer = { kind: 'score', value: 0.4, rawPosition: 0.4 } as const
  store.annotation.commit({
    ...commit,
    pairId: first,
    raterId: bo,
    answer,
    shownBecause: 'retest',
    retests: store.ratings.current(first, bo)!.id,
    confidence: 2,
  })
  store.decisions.fixText(second, { premise: 'One line', hypothesis: 'plus' })
  store.decisions.add({ ...decided, pairId: second, kind: 'text-fixed' })
  store.annotation.commit({ ...commit, pairId: second, raterId: bo, answer, confidence: 3 })
  store.annotation.commit({ ...commit, pairId: second, raterId: ada, answer: { ...answer, value: 0.8 } })
  store.raters.decide(ada, 'set-aside', 'answers at random')
  store.gold.write({ pairId: third, score: 0.9, tolerance: 0.1, explanation: 'Same event.' })
  store.decisions.add({ ...decided, pairId: fourth, kind: 'binned' })
}

test('what many raters bring: settled scores, decisions, retests, texts, gold, a rater set aside, the bin', async () => {
  await fill(project)
  settleSome(project)
  const folder = newFolder()
  await exportDataset(project, folder)
  const pick = (name: string, ...columns: string[]): unknown[] =>
    readLines(folder, name).map((row) => columns.map((column) => row[column]))
  expect(
    pick('pairs.jsonl', 'external_id', 'premise', 'consensus', 'settled', 'count', 'sd', 'text_version'),
  ).toEqual([
    ['p1', '=SUM(A1), "quoted"', 0.7, 'adjudicated', 1, null, 1],
    ['p2', 'One line', 0.4, null, 1, null, 2],
    ['p3', 'Third', null, null, 0, null, 1],
  ])
  expect(
    pick(
      'ratings.jsonl',
      'external_id',
      'rater',
      'score',
      'current',
      'counted',
      'confidence',
      'pair_version',
    ),
  ).toEqual([
    ['p1', 'Ada', 0.2, true, false, null, 1],
    ['p1', 'Bo', 0.5, true, true, null, 1],
    ['p1', 'Bo', 0.4, false, false, 2, 1],
    ['p2', 'Bo', 0.4, true, true, 3, 2],
    ['p2', 'Ada', 0.8, true, false, null, 2],
    ['p2', 'Ada', 1, false, false, null, 1],
    ['p2', 'Bo', 0.5, false, false, null, 1],
    ['p3', 'Bo', null, true, true, null, 1],
  ])
  const [, bos, again] = readLines(folder, 'ratings.jsonl')
  expect([bos?.['retests'], again?.['retests']]).toEqual([null, bos?.['rating_id']])
  expect(
    pick('decisions.jsonl', 'external_id', 'kind', 'score', 'asked_rater', 'decided_by', 'reason'),
  ).toEqual([
    ['p1', 'adjudicated', 0.7, null, 'Ada', 'because'],
    ['p3', 'another-rater', null, 'Ada', 'Ada', 'because'],
    ['p2', 'text-fixed', null, null, 'Ada', 'because'],
    ['p4', 'binned', null, null, 'Ada', 'because'],
  ])
  expect(pick('gold.jsonl', 'external_id', 'score', 'tolerance', 'explanation')).toEqual([
    ['p3', 0.9, 0.1, 'Same event.'],
  ])
  expect(pick('texts.jsonl', 'external_id', 'version', 'premise', 'hypothesis')).toEqual([
    ['p2', 1, 'Two\nlines', '- minus'],
  ])
  expect(JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8'))).toMatchObject({
    consensus: 'mean',
    raters: [
      { name: 'Ada', set_aside: { reason: 'answers at random' } },
      { name: 'Bo', set_aside: null },
    ],
    counts: { pairs: 3, labelled_pairs: 2, adjudicated_pairs: 1, decisions: 4, gold: 1, texts: 1 },
  })
})

for (const name of ['ratings.csv', 'ratings.jsonl'])
  test(`${name} with retests and answers to earlier texts brings back what stands, on the present texts`, async () => {
    await fill(project)
    settleSome(project)
    const folder = newFolder()
    await exportDataset(project, folder)
    const other = openEmptyProject(folders)
    const job = await importFile(other, join(folder, name))
    expect([scoresOf(other.store), job.detail.kind === 'import' ? job.detail.counts : null]).toEqual([
      scoresOf(project.store),
      { rows: 8, pairs: 3, ratings: 4, duplicates: 3, rejected: 0 },
    ])
    await other.close()
  })

test('an empty project exports as empty tables', async () => {
  const folder = newFolder()
  await exportDataset(project, folder)
  expect([
    readFileSync(join(folder, 'pairs.jsonl'), 'utf8'),
    readFileSync(join(folder, 'pairs.csv'), 'utf8'),
  ]).toEqual([
    '',
    'pair_id,external_id,premise,hypothesis,split,declared_split,consensus,settled,count,sd,cannot_judge,text_version\n',
  ])
})

test('downloads are offered by the host, and refused where it has none', async () => {
  const handlers = createExportHandlers(project.context)
  await expect(handlers['exports.start']({ kind: 'dataset', folderToken: null }, call)).rejects.toMatchObject(
    {
      code: 'bad-request',
    },
  )
  const offered: string[] = []
  const context = { ...project.context, files: createFileTokens((path) => `/download/${offered.push(path)}`) }
  const { jobId } = await createExportHandlers(context)['exports.start'](
    { kind: 'dataset', folderToken: null },
    call,
  )
  const job = await context.jobs.ended(jobId)
  const detail = job.detail.kind === 'export' ? job.detail : null
  expect([detail?.folder, detail?.files.map(({ download }) => download), offered.every(existsSync)]).toEqual([
    null,
    Array.from({ length: 13 }, (_, index) => index + 1).map((number) => `/download/${number}`),
    true,
  ])
})

test('where a file cannot be written, one sentence says so and nothing is left behind', async () => {
  await fill(project)
  const folder = newFolder()
  mkdirSync(join(folder, 'pairs.csv'))
  const blocked = await exportDataset(project, folder)
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  const notAFolder = createExportHandlers(project.context)['exports.start'](
    { kind: 'dataset', folderToken: project.context.files.allow(join(file, 'inside')) },
    call,
  )
  expect(blocked.outcome).toMatchObject({
    status: 'failed',
    error: {
      code: 'file-unwritable',
      message: expect.stringContaining(
        'pairs.csv cannot be written: a folder of that name is there',
      ) as unknown,
    },
  })
  expect(readdirSync(folder)).toEqual(['pairs.csv'])
  await expect(notAFolder).rejects.toMatchObject({ code: 'file-unwritable' })
})

test.skipIf(process.getuid?.() === 0)(
  'a folder without the right to write is refused (not as root)',
  async () => {
    const folder = newFolder()
    chmodSync(folder, 0o500)
    const job = await exportDataset(project, folder)
    expect(job.outcome).toMatchObject({ status: 'failed', error: { code: 'file-unwritable' } })
  },
)
