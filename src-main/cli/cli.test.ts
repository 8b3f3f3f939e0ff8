import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ranking, strategyName, suggestionAsk } from '#shared/domain/suggestion.ts'
import { agreementReport } from '#shared/contract/agreement.ts'
import { evaluation, interval, judgement, run, usedModel } from '#shared/domain/run.ts'
import { searchReport } from '#shared/domain/search.ts'
import { samplePairsFile } from '../services/projects/sampleProject.ts'

const program = fileURLToPath(new URL('main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gradus-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line in the test's folder. */
function gradus(
  words: readonly string[],
  options: { input?: string; interruptAt?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, GRADUS_HOME: join(folder, 'home') },
  })
  let [stdout, stderr] = ['', '']
  let { interruptAt } = options
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    if (interruptAt === undefined || !stderr.includes(interruptAt)) return
    interruptAt = undefined
    child.kill('SIGINT')
  })
  child.stdin.end(options.input ?? '')
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

/** Runs a command that must succeed, and reads its one JSON document. */
async function document(...words: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await gradus([...words, '--json'])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const commands = [
  'new',
  'import',
  'rate',
  'plan',
  'choose',
  'gold',
  'split-work',
  'merge',
  'train',
  'runs',
  'predict',
  'suggest',
  'disagreements',
  'settle',
  'evaluate',
  'agreement',
  'evidence',
  'simulate',
  'export',
  'backends',
]

test('help names every command, and every command has help', async () => {
  const { code, stdout } = await gradus(['--help'])
  expect(code).toBe(0)
  for (const command of commands) expect(stdout).toContain(`  ${command} `)
  const helps = await Promise.all(commands.slice(0, 3).map((command) => gradus([command, '--help'])))
  expect(helps.map(({ code, stdout }) => [code, stdout.split(' ').slice(0, 3)])).toEqual(
    commands.slice(0, 3).map((command) => [0, ['Usage:', 'gradus', command]]),
  )
})

describe('what the user gave', () => {
  const refusals: [string, string[], string][] = [
    ['an unknown command', ['frobnicate'], 'bad-options'],
    ['a missing project', ['train', 'nowhere.gradus'], 'not-found'],
    [
      'an unknown strategy',
      ['simulate', 'nowhere.gradus', '--out', 'x', '--strategies', 'best'],
      'bad-options',
    ],
    [
      'a replay that ends where it starts',
      ['simulate', 'nowhere.gradus', '--out', 'x', '--start', '30', '--to', '30'],
      'bad-options',
    ],
    ['a strategy that there is not', ['choose', 'nowhere.gradus', '--strategy', 'best'], 'bad-options'],
    ['a number out of range', ['train', 'nowhere.gradus', '--epochs', '0'], 'bad-options'],
    ['a run that has no number', ['runs', 'pin', 'nowhere.gradus', 'first'], 'bad-options'],
    ['one run to compare', ['runs', 'compare', 'nowhere.gradus', '3', '3'], 'bad-options'],
    ['a bin without its confirmation', ['runs', 'empty-bin', 'nowhere.gradus'], 'bad-options'],
    ['a name that is no project', ['new', 'project.txt'], 'bad-options'],
    ['a range upside down', ['import', 'a.gradus', 'a.csv', '--score-range', '5..0'], 'bad-options'],
    ['a best of nothing', ['train', 'nowhere.gradus', '--use-best'], 'bad-options'],
    ['a back end that there is not', ['train', 'nowhere.gradus', '--backend', 'gpu'], 'bad-options'],
    ['a column without a role', ['import', 'a.gradus', 'a.csv', '--columns', 'text=1'], 'bad-options'],
  ]
  test.each(refusals)('%s ends with 1 and one JSON document', async (_, words, code) => {
    const ended = await gradus([...words, '--json'])
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } })
    expect(ended.stderr.trim()).not.toBe('')
  })
})

test('how pairs are chosen is shown, and decided in part', async () => {
  await document('new', 'choice.gradus')
  const usual = { strategy: 'hybrid', batchSize: 20, randomShare: 0.2, retrainAfter: null }
  expect(await document('choose', 'choice.gradus')).toEqual(usual)
  const words = ['--strategy', 'core-set', '--batch', '50', '--random-share', '0.3', '--retrain-after', '40']
  const chosen = { strategy: 'core-set', batchSize: 50, randomShare: 0.3, retrainAfter: 40 }
  expect(await document('choose', 'choice.gradus', ...words)).toEqual(chosen)
  const { stdout } = await gradus(['choose', 'choice.gradus'])
  expect(stdout).toContain(
    'Batches of 50 pairs, 30% of them drawn at random.\nTrained by itself after 40 new ratings',
  )
  const off = await document('choose', 'choice.gradus', '--retrain-after', 'off')
  expect(off).toEqual({ ...chosen, retrainAfter: null })
})

test('agreement is printed as one document or as text, and written as CSV', async () => {
  const scores = [
    [0.1, 0.2, 0.3],
    [0.5, 0.4, 0.6],
    [0.9, 0.8, 1],
    [0.3, 0.3, 0.5],
  ]
  const rows = scores.flatMap((given, pair) =>
    given.map(
      (score, rater) => `Premise ${pair}.,Hypothesis ${pair}.,${score},${['Ada', 'Ben', 'Cleo'][rater]}`,
    ),
  )
  writeFileSync(join(folder, 'three.csv'), ['premise,hypothesis,score,rater', ...rows].join('\n'))
  await document('new', 'three.gradus')
  await document('import', 'three.gradus', 'three.csv')
  const found = agreementReport.parse(await document('agreement', 'three.gradus'))
  expect(found).toMatchObject({ ratings: 12, pairs: 4, raters: 3, overlapping: 4, withIntervals: true })
  const { code, stdout } = await gradus(['agreement', 'three.gradus', '--csv', 'tables'])
  expect(code).toBe(0)
  expect(stdout).toContain('12 ratings of 4 pairs by 3 raters; 4 pairs have two raters or more.')
  expect(stdout).toContain(`alpha  ${found.alpha.value?.toFixed(3)} [`)
  expect(stdout).toMatch(/^Cleo +4 /m)
  expect(readFileSync(join(folder, 'tables', 'agreement.csv'), 'utf8')).toContain(
    `alpha,${found.alpha.value},`,
  )
})

test('class labels come in by a column, and by what is said of those that are no class', async () => {
  const rows = [
    'It rains.,It is wet.,Entailment',
    'It rains.,It is Monday.,2',
    'It rains.,It is dry.,maybe',
    'It snows.,It is cold.,?',
    'It snows.,It is hot.,no idea',
  ]
  writeFileSync(join(folder, 'nli.csv'), ['premise,hypothesis,verdict', ...rows].join('\n'))
  await document('new', 'nli.gradus')
  const imported = await document(
    'import',
    'nli.gradus',
    'nli.csv',
    '--columns',
    'premise=premise,hypothesis=hypothesis,label=verdict',
    '--labels',
    '2=contradiction,maybe=0.3,?=-',
  )
  expect(imported).toMatchObject({
    columns: { label: 'verdict' },
    pairs: 4,
    ratings: 3,
    rejectedRows: [
      {
        rowNumber: 6,
        reason: 'unknown-label',
        message:
          'The field "verdict" (label) is "no idea", which is none of the classes: entailment, neutral, contradiction, maybe.',
      },
    ],
  })
  expect(await gradus(['export', 'nli.gradus', 'dataset', '--to', 'nli'])).toMatchObject({ code: 0 })
  const ratings = readFileSync(join(folder, 'nli', 'ratings.jsonl'), 'utf8')
    .trim()
    .split('\n')
  expect(
    ratings.map((line) => {
      const { hypothesis, score, label, score_from_label } = JSON.parse(line) as Record<string, unknown>
      return [hypothesis, score, label, score_from_label]
    }),
  ).toEqual([
    ['It is wet.', 1, 'entailment', true],
    ['It is Monday.', 0, 'contradiction', true],
    ['It is dry.', 0.3, 'maybe', true],
  ])
  expect(JSON.parse(readFileSync(join(folder, 'nli', 'dataset.json'), 'utf8'))).toMatchObject({
    class_scores: [
      { name: 'entailment', score: 1 },
      { name: 'neutral', score: 0.5 },
      { name: 'contradiction', score: 0 },
      { name: 'maybe', score: 0.3 },
    ],
  })
  const refused = await gradus(['import', 'nli.gradus', 'nli.csv', '--labels', 'maybe=1.5'])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('from 0 to 1') as string })
})

describe('the whole job', () => {
  const figures = judgement.omit({ n: true }).extend({ n: z.number().int().positive() })
  const evaluationDocument = z.strictObject({
    run: z.literal(1),
    leftOut: z.literal(0),
    split: z.literal('holdout'),
    used: usedModel,
    ...figures.shape,
    pearson: interval,
    ...evaluation.omit({ used: true }).shape,
  })

  beforeAll(async () => {
    // One line per rating, as a lab would have it: the sample's own texts and ratings.
    const rows = readFileSync(samplePairsFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(
        (line) =>
          JSON.parse(line) as {
            id: string
            premise: string
            hypothesis: string
            ratings: { score?: number }[]
          },
      )
    const cell = (text: string | number): string => `"${String(text).replaceAll('"', '""')}"`
    writeFileSync(
      join(folder, 'pairs.csv'),
      [
        'id,premise,hypothesis,strength',
        ...rows.map(({ id, premise, hypothesis, ratings }) =>
          [id, premise, hypothesis, (ratings[0]?.score ?? '') === '' ? '' : (ratings[0]?.score ?? 0) * 5]
            .map(cell)
            .join(),
        ),
        'broken,,"no premise",3',
      ].join('\n'),
    )
    expect(await document('new', 'p.gradus', '--title', 'Sample')).toMatchObject({ title: 'Sample' })
    expect(
      await document(
        'import',
        'p.gradus',
        'pairs.csv',
        '--columns',
        'id=id,premise=premise,hypothesis=hypothesis,score=strength',
        '--score-range',
        '0..5',
        '--rater',
        'gold',
        '--save-rejected',
        'rejected.csv',
      ),
    ).toMatchObject({
      file: 'pairs.csv',
      rows: 223,
      pairs: 222,
      rejected: 1,
      rejectedRows: [{ rowNumber: 224, reason: 'empty-text' }],
    })
    expect(readFileSync(join(folder, 'rejected.csv'), 'utf8').split('\n')[1]).toMatch(/^224,empty-text,/)
  })

  test('a project is not overwritten', async () => {
    expect(await gradus(['new', 'p.gradus'])).toMatchObject({ code: 1, stdout: '' })
  })

  test('ratings come from options and from stdin, named by either id', async () => {
    expect(
      await document('rate', 'p.gradus', '--rater', 'Ada', '--pair', 'ferry-03', '--score', '0.25'),
    ).toMatchObject({
      rater: 'Ada',
      ratings: [{ rating: expect.any(String) as string }],
    })
    const lines = [
      '{"pair":"ferry-03","low":0.2,"high":0.4}',
      '{"pair":"release-01","cannotJudge":"needs-context"}',
      '{"pair":"x"}',
    ]
    const ended = await gradus(['rate', 'p.gradus', '--rater', 'ada'], { input: lines.join('\n') })
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Line 3 of the input/) as string })
    const stored = await gradus(['rate', 'p.gradus', '--rater', 'ada'], { input: lines[0]! })
    expect(stored).toMatchObject({ code: 0, stdout: 'Stored 1 rating.\n' })
    const nameless = await gradus(['rate', 'p.gradus', '--rater', ' ', '--pair', 'ferry-03', '--score', '1'])
    expect(nameless).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Give 1 to 80 characters.') as string,
    })
  })

  test('Ctrl+C ends a training with 1 and leaves the project whole', async () => {
    const ended = await gradus(['train', 'p.gradus', '--epochs', '500', '--patience', '100'], {
      interruptAt: 'Training',
    })
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('Cancelled. The project is as it was before.')
    expect(await gradus(['suggest', 'p.gradus'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('train') as string,
    })
  })

  test('train, evaluate, suggest, predict and export', async () => {
    const small = ['--ensemble', '2', '--hidden-width', '16', '--epochs', '2']
    const interaction = ['--interaction-width', '8', '--interaction-epochs', '1', '--loss', 'huber']
    const trained = run.parse(await document('train', 'p.gradus', '--seed', '42', ...small, ...interaction))
    // The cancelled training before was run 1.
    expect(trained).toMatchObject({
      number: 2,
      status: 'finished',
      configuration: { seed: 42, maximumEpochs: 2, interaction: true, interactionWidth: 8, loss: 'huber' },
    })

    const judged = evaluationDocument
      .extend({ run: z.literal(2) })
      .parse(await document('evaluate', 'p.gradus', '--split', 'holdout'))
    expect(judged.used).toBe(trained.report?.used)
    expect(judged.n).toBe(trained.report?.rows.holdout)

    const suggestions = z.object({
      run: z.literal(2),
      ranking,
      suggestions: z.array(
        z.object({
          rank: z.number(),
          ask: suggestionAsk,
          pair: z.string(),
          score: z.number(),
          strategy: strategyName,
          reason: z.string(),
        }),
      ),
    })
    const suggested = suggestions.parse(await document('suggest', 'p.gradus', '--count', '3'))
    expect(suggested.suggestions.map(({ rank }) => rank)).toEqual([1, 2, 3])
    expect(suggested.ranking).toMatchObject({ strategy: 'hybrid', batchSize: 20, randomShare: 0.2 })
    // The project keeps the strategy that is named, and ranks by it at once.
    const other = suggestions.parse(await document('suggest', 'p.gradus', '--strategy', 'core-set'))
    expect(other.ranking.strategy).toBe('core-set')
    expect(new Set(other.suggestions.map(({ strategy }) => strategy))).toEqual(
      new Set(['core-set', 'random']),
    )
    const again = await gradus(['suggest', 'p.gradus', '--refresh', '--count', '2'])
    expect(again.code).toBe(0)
    expect(again.stderr).toContain('Reading labels')
    expect(again.stdout.split('\n')[0]).toBe(
      'Chosen by core-set in batches of 20, 20% of the new pairs drawn at random.',
    )

    const predicted = z
      .object({ run: z.literal(2), predictions: z.array(z.object({ pair: z.string(), score: z.number() })) })
      .parse(await document('predict', 'p.gradus'))
    expect(predicted.predictions).toHaveLength(222)
    expect(
      await document('predict', 'p.gradus', '--file', 'pairs.csv', '--to', 'scores.jsonl'),
    ).toMatchObject({ scored: 222 })
    expect(readFileSync(join(folder, 'scores.jsonl'), 'utf8').trim().split('\n')).toHaveLength(222)

    const exported = await document('export', 'p.gradus', 'weights', '--to', 'out/model')
    expect(exported).toMatchObject({
      files: [{ name: 'model.safetensors' }, { name: 'config.json' }, { name: 'heads.onnx' }],
    })
    expect(await document('export', 'p.gradus', 'weights', '--to', 'out/again')).toMatchObject({
      files: (exported as { files: object[] }).files,
    })
    expect(await gradus(['export', 'p.gradus', 'dataset', '--to', 'out/data'])).toMatchObject({ code: 0 })
  })

  test('runs are listed, named, compared, restored and deleted', async () => {
    const runs = (...words: string[]): Promise<unknown> => document('runs', ...words)
    const small = ['--ensemble', '3', '--hidden-width', '16', '--epochs', '2', '--loss', 'huber']
    await document('train', 'p.gradus', ...small, '--interaction-width', '8', '--interaction-epochs', '1')
    const listed = z
      .object({ runs: z.array(z.looseObject({ number: z.number(), inUse: z.boolean() })) })
      .parse(await runs('p.gradus'))
    expect(listed.runs).toMatchObject([
      { number: 3, status: 'finished', inUse: true, pinned: false, inBin: false, seed: 42, name: null },
      {
        number: 2,
        status: 'finished',
        inUse: false,
        holdout: { pearson: { value: expect.any(Number) as number } },
      },
      { number: 1, status: 'cancelled', used: null, holdout: null, failure: 'Cancelled.' },
    ])
    expect(await runs('name', 'p.gradus', '2', 'two heads')).toMatchObject({ number: 2, name: 'two heads' })
    expect(await runs('pin', 'p.gradus', '2')).toMatchObject({ pinned: true })

    const { stdout } = await gradus(['runs', 'compare', 'p.gradus', '3', '2'])
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/))
    expect(lines[0]).toEqual(['run 3', 'run 2 "two heads"'])
    expect(lines).toContainEqual(['ensembleSize', '3', '2'])
    expect(lines).toContainEqual(['data', 'its own', 'as run 3'])
    expect(await runs('compare', 'p.gradus', '3', '2')).toMatchObject({
      configuration: [{ key: 'ensembleSize', values: ['3', '2'] }],
      libraries: [],
      runs: [
        { number: 3, sameDataAs: 3 },
        { number: 2, sameDataAs: 3 },
      ],
    })

    expect(await runs('restore', 'p.gradus', '2')).toMatchObject({ number: 2, inUse: true })
    expect(await document('suggest', 'p.gradus', '--count', '1')).toMatchObject({ run: 2 })
    expect(await gradus(['runs', 'restore', 'p.gradus', '1'])).toMatchObject({
      code: 1,
      stderr: 'Run 1 did not finish, so it has no model: choose another run.\n',
    })
    expect(await gradus(['runs', 'bin', 'p.gradus', '2'])).toMatchObject({ code: 1, stdout: '' })
    expect(await runs('bin', 'p.gradus', '3')).toMatchObject({ number: 3, inBin: true })
    expect(await gradus(['runs', 'empty-bin', 'p.gradus', '--title', 'sample'])).toMatchObject({ code: 1 })
    expect(await runs('empty-bin', 'p.gradus', '--title', 'Sample')).toEqual({ deleted: 1 })
    expect((await gradus(['runs', 'p.gradus'])).stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^run +status +labels /),
      expect.stringMatching(/^2 +in use, pinned .* two heads$/),
      expect.stringMatching(/^1 +cancelled /),
    ])
  })

  test('labels are replayed, and a replay that was stopped goes on', async () => {
    const words = [
      'simulate',
      'p.gradus',
      '--seeds',
      '2',
      '--start',
      '10',
      '--batch',
      '10',
      '--out',
      'replay',
    ]
    const asked = [...words, '--strategies', 'random,core-set', '--to']
    const stopped = await gradus([...asked, '60'], { interruptAt: 'Replaying' })
    expect(stopped).toMatchObject({ code: 1, stdout: '' })
    const found = z
      .object({ strategies: z.array(z.object({ strategy: z.string(), seeds: z.literal(2) })) })
      .parse(await document(...asked, '60'))
    expect(found.strategies.map(({ strategy }) => strategy)).toEqual(['random', 'core-set'])
    const csv = readFileSync(join(folder, 'replay', 'curves.csv'), 'utf8')
      .trim()
      .split('\n')
    expect(csv).toHaveLength(1 + 4 * 6)
    expect(readFileSync(join(folder, 'replay', 'curves.svg'), 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/)
    const plain = await gradus([...asked, '60'])
    expect(plain.stdout).toMatch(/^core-set +0\.\d{4} ±0\.\d{4} .* \d of 6$/m)
  })

  test('settings are searched, and the best of them trains a run where that is asked for', async () => {
    const small = ['--epochs', '1', '--hidden-width', '16', '--ensemble', '2', '--no-interaction']
    const count = async (): Promise<number> => {
      const { runs } = z.object({ runs: z.array(z.unknown()) }).parse(await document('runs', 'p.gradus'))
      return runs.length
    }
    const before = await count()
    const plain = await gradus(['train', 'p.gradus', ...small, '--search', '3'])
    expect(plain.code).toBe(0)
    expect(plain.stdout).toMatch(/^ +learning rate +width .* r +MAE +RMSE +epochs$/m)
    expect(plain.stdout).toMatch(/^0 given.* 0\.0001 +16 +0\.5 +0\.01 +mse /m)
    expect(plain.stdout.trimEnd().split('\n').at(-1)).toMatch(/^The given settings are .* r -?[01]\.\d{3}/)
    expect(await count()).toBe(before)

    const words = ['train', 'p.gradus', ...small, '--search', '3', '--search-method', 'random', '--use-best']
    const { search, run: trained } = z.object({ search: searchReport, run }).parse(await document(...words))
    expect([search.method, search.tried.length]).toEqual(['random', 3])
    expect(trained).toMatchObject({
      status: 'finished',
      configuration: { ...search.tried[search.best!]!.settings, ensembleSize: 2 },
    })
    expect(await count()).toBe(before + 1)
  })
})
