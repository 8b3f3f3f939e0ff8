import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import { explainingDatabaseErrors } from './databaseErrors.ts'
import { presentVersion } from './migrate.ts'
import { applicationId, openDatabase } from './openDatabase.ts'
import { createTestFolder, createTestProject } from './testStore.ts'

let folder: ReturnType<typeof createTestFolder>
let path: string
beforeEach(() => {
  folder = createTestFolder()
  path = join(folder.path, 'p.gradus')
})
afterEach(() => folder.remove())

/** Code and message of the refusal; fails where nothing is refused. */
function refusal(work: () => unknown): { code: string; message: string } {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof GradusError) return { code: thrown.code, message: thrown.message }
    throw thrown
  }
  throw new Error('Nothing was refused.')
}
const open = (): ReturnType<typeof openDatabase> => openDatabase(path, { create: false, patience: 50 })

test('a new project is durable, checked, ours, and leaves one file when it is closed', () => {
  const { database, alone } = openDatabase(path, { create: true })
  const pragma = (name: string): unknown => database.pragma(name, { simple: true })
  expect({
    alone,
    journal: pragma('journal_mode'),
    synchronous: pragma('synchronous'),
    foreignKeys: pragma('foreign_keys'),
    version: pragma('user_version'),
    application: pragma('application_id'),
  }).toEqual({
    alone: true,
    journal: 'wal',
    synchronous: 2,
    foreignKeys: 1,
    version: presentVersion,
    application: applicationId,
  })
  database.close()
  expect(readdirSync(folder.path)).toEqual(['p.gradus'])
})

test('a file that is there is never overwritten', () => {
  writeFileSync(path, 'precious')
  expect(refusal(() => openDatabase(path, { create: true })).code).toBe('already-exists')
  expect(readFileSync(path, 'utf8')).toBe('precious')
})

test('a file from a newer version is refused by name and left untouched', () => {
  openDatabase(path, { create: true }).database.close()
  const newer = new Database(path)
  newer.pragma(`user_version = ${presentVersion + 3}`)
  newer.close()
  const before = readFileSync(path)
  const refused = refusal(open)
  expect(refused.code).toBe('project-newer')
  expect(refused.message).toContain('"p.gradus"')
  expect(refused.message).toContain(`version ${presentVersion + 3}`)
  expect(readFileSync(path)).toEqual(before)
  expect(readdirSync(folder.path)).toEqual(['p.gradus'])
})

test('a newer version that a crash has left in the log is refused, too', () => {
  openDatabase(path, { create: true }).database.close()
  const newer = new Database(path)
  newer.pragma('wal_autocheckpoint = 0')
  newer.pragma(`user_version = ${presentVersion + 1}`)
  const crashed = join(folder.path, 'crashed.gradus')
  for (const suffix of ['', '-wal']) writeFileSync(crashed + suffix, readFileSync(path + suffix))
  newer.close()
  const before = readFileSync(crashed)
  expect(refusal(() => openDatabase(crashed, { create: false })).code).toBe('project-newer')
  expect(readFileSync(crashed)).toEqual(before)
})

test.each([
  ['empty', (at: string) => writeFileSync(at, '')],
  ['text', (at: string) => writeFileSync(at, 'premise,hypothesis\n'.repeat(100))],
  ['a folder', (at: string) => mkdirSync(at)],
  [
    'another program’s database',
    (at: string) => {
      const other = new Database(at)
      other.exec('CREATE TABLE pair (id)')
      other.close()
    },
  ],
])('%s is no project', (_, make) => {
  make(path)
  expect(refusal(open).code).toBe('not-a-project')
  expect(readdirSync(folder.path)).toEqual(['p.gradus'])
})

test('a damaged project is told from a sound one', () => {
  createTestProject({ pairs: 200, raters: [], path }).store.close()
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0x5a, 100, 4096))
  expect(refusal(open).code).toBe('not-a-project')
})

test('a missing file and a missing folder are told apart', () => {
  expect([
    refusal(open).code,
    refusal(() => openDatabase(join(folder.path, 'no', 'p.gradus'), { create: true })).code,
  ]).toEqual(['not-found', 'file-unwritable'])
})

test('a folder that may not be written is named', { skip: process.getuid?.() === 0 }, () => {
  chmodSync(folder.path, 0o500)
  expect(refusal(() => openDatabase(path, { create: true })).code).toBe('file-unwritable')
  chmodSync(folder.path, 0o700)
})

test('a file that another program holds for itself is in use', () => {
  openDatabase(path, { create: true }).database.close()
  const holder = new Database(path)
  holder.pragma('locking_mode = EXCLUSIVE')
  holder.exec('BEGIN EXCLUSIVE')
  expect(refusal(open).code).toBe('project-in-use')
  holder.close()
  open().database.close()
})

test('a second process may open a project, knows that it is not alone, and is alone once the first was killed', async () => {
  openDatabase(path, { create: true }).database.close()
  const program = `
    import { openDatabase } from ${JSON.stringify(new URL('openDatabase.ts', import.meta.url).href)}
    const { database } = openDatabase(${JSON.stringify(path)}, { create: false })
    database.prepare('INSERT INTO guideline (version, text, created_at) VALUES (1, ?, ?)').run('theirs', '')
    setInterval(() => undefined, 1000)
    process.stdout.write('open')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const beside = open()
  beside.database
    .prepare('INSERT INTO guideline (version, text, created_at) VALUES (2, ?, ?)')
    .run('ours', '')
  const whileTheyLive = beside.alone
  beside.database.close()
  child.kill('SIGKILL')
  await once(child, 'exit')
  const after = open()
  expect({
    whileTheyLive,
    afterwards: after.alone,
    texts: after.database.prepare('SELECT text FROM guideline ORDER BY version').pluck().all(),
  }).toEqual({ whileTheyLive: false, afterwards: true, texts: ['theirs', 'ours'] })
  after.database.close()
})

test('a write to a full disk is explained and changes nothing', () => {
  const { store } = createTestProject({ pairs: 1, raters: [], path })
  store.database.pragma(`max_page_count = ${Number(store.database.pragma('page_count', { simple: true }))}`)
  const grow = (): void =>
    explainingDatabaseErrors(path, () => void store.guidelines.write('x'.repeat(100_000)))
  expect(refusal(grow).code).toBe('disk-full')
  expect(store.guidelines.latest()).toEqual({ version: 1, text: 'Score.', examples: [] })
  store.close()
})

test('a copy is kept before an older file is brought to the present version', () => {
  const older = new Database(path)
  older.pragma(`application_id = ${applicationId}`)
  older.exec("CREATE TABLE keepsake (word TEXT); INSERT INTO keepsake VALUES ('old')")
  older.close()
  const { database } = open()
  expect(database.pragma('user_version', { simple: true })).toBe(presentVersion)
  database.close()
  expect(readdirSync(folder.path)).toEqual(['p.gradus', 'p.gradus.v0.bak'])
  const copy = new Database(`${path}.v0.bak`, { readonly: true })
  expect([
    copy.pragma('user_version', { simple: true }),
    copy.pragma('application_id', { simple: true }),
    copy.prepare('SELECT * FROM keepsake').all(),
  ]).toEqual([0, applicationId, [{ word: 'old' }]])
  copy.close()
})
