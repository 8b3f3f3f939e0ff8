import { hash } from 'node:crypto'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { GradusError } from '#shared/contract/errors.ts'
import { isFiniteFloat16 } from '../onnx/float16.ts'
import { countTokens, areWhole, type TokenVectors } from '../onnx/tokenVectors.ts'
import { encoder as builtIn } from './catalogue.ts'

/** Vectors and token vectors of one encoder by the text they stand for, in a file that may be shared by processes and deleted at any time. */
export interface EmbeddingCache {
  /** The texts that have no vector yet, each once, in order of first appearance. */
  missing(texts: readonly string[]): Promise<string[]>
  /** Those that have no token vectors yet, likewise. */
  missingTokens(texts: readonly string[]): Promise<string[]>
  has(text: string): boolean
  /** Those whose vector is there, whole and finite. */
  usable(texts: readonly string[]): Promise<Set<string>>
  /**
   * The vectors of `texts`, row-major [texts × dimension].
   * @throws GradusError `not-found` where one is absent.
   */
  get(texts: readonly string[]): Promise<Float32Array<ArrayBuffer>>
  /**
   * The token vectors of `texts`, in their order.
   * @throws GradusError `not-found` where those of one are absent.
   */
  getTokens(texts: readonly string[]): Promise<TokenVectors>
  /**
   * Stores vectors, row-major [texts × dimension], and token vectors in one transaction; those already there stay.
   * @throws RangeError where a length is wrong or a number is not finite; then none is stored.
   */
  put(texts: readonly string[], vectors: Float32Array, tokens?: TokenVectors | null): void
  close(): void
}

const schemaVersion = 1
const damagedCodes = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_FORMAT'])
/** Texts looked up before other work gets its turn: some milliseconds. */
const textsPerTurn = 500
/** Likewise for those whose token vectors, some 10 kB each, are read. */
const tokenTextsPerTurn = 100

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
const isDamage = (thrown: unknown): boolean =>
  [...damagedCodes].some((code) => codeOf(thrown) === code || codeOf(thrown).startsWith(`${code}_`))

const keyOf = (text: string): Buffer => hash('sha256', text, 'buffer')

class WrongVersion extends Error {}

interface Connection {
  readonly database: Database.Database
  /** Row of the encoder in the file. */
  readonly encoder: number
}

function connect(path: string, encoderDigest: string): Connection {
  const database = new Database(path, { timeout: 10_000 })
  try {
    // Five vectors a page instead of two, and no larger: each one also rewrites a page of the index.
    database.pragma('page_size = 8192')
    database.pragma('journal_mode = WAL')
    // What a power cut takes is encoded again.
    database.pragma('synchronous = NORMAL')
    const version: unknown = database.pragma('user_version', { simple: true })
    if (version !== 0 && version !== schemaVersion) throw new WrongVersion()
    database.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS encoder (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE) STRICT;
      CREATE TABLE IF NOT EXISTS vector (
        encoder INTEGER NOT NULL REFERENCES encoder (id),
        text_hash BLOB NOT NULL,
        value BLOB NOT NULL,
        UNIQUE (encoder, text_hash)
      ) STRICT;
      -- Came later; a file without it, and a program that does not know it, are of the same version.
      CREATE TABLE IF NOT EXISTS token_vector (
        encoder INTEGER NOT NULL REFERENCES encoder (id),
        text_hash BLOB NOT NULL,
        -- binary16 [tokens × dimension]: its length tells how many tokens.
        value BLOB NOT NULL,
        UNIQUE (encoder, text_hash)
      ) STRICT;
      PRAGMA user_version = ${schemaVersion};
      COMMIT;
    `)
    database.prepare('INSERT INTO encoder (digest) VALUES (?) ON CONFLICT DO NOTHING').run(encoderDigest)
    const encoder = database
      .prepare<[string], number>('SELECT id FROM encoder WHERE digest = ?')
      .pluck()
      .get(encoderDigest)
    if (encoder === undefined) throw new Error('The encoder was not registered in the cache')
    return { database, encoder }
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

/** Moves a file that cannot be used out of the way and says where to. @throws GradusError as `failure` tells. */
function setAside(path: string): string {
  const aside = `${path}.damaged-${Date.now()}`
  try {
    renameSync(path, aside)
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
  } catch (thrown) {
    throw failure(path, thrown)
  }
  return aside
}

function failure(path: string, thrown: unknown): unknown {
  if (codeOf(thrown).startsWith('SQLITE_FULL') || codeOf(thrown) === 'ENOSPC')
    return new GradusError(
      'disk-full',
      `The disk is full: the cache ${path} could not be written. Free some space and try again.`,
      { path },
      thrown,
    )
  if (
    /^(SQLITE_(CANTOPEN|READONLY|PERM|IOERR|BUSY|LOCKED)|EACCES|EBUSY|EPERM|EROFS|EEXIST|ENOTDIR)/.test(
      codeOf(thrown),
    )
  )
    return new GradusError(
      'file-unwritable',
      `The cache ${path} cannot be used: check that it and its folder may be written to.`,
      { path },
      thrown,
    )
  return thrown
}

function connectOrReplace(path: string, encoderDigest: string): Connection {
  try {
    mkdirSync(dirname(path), { recursive: true })
    try {
      return connect(path, encoderDigest)
    } catch (thrown) {
      if (!isDamage(thrown) && !(thrown instanceof WrongVersion)) throw thrown
      setAside(path)
      return connect(path, encoderDigest)
    }
  } catch (thrown) {
    throw failure(path, thrown)
  }
}

type Key = [encoder: number, textHash: Buffer]

/** The statements over one of the two tables. */
interface Table {
  readonly exists: Database.Statement<Key, number>
  /** Length of the value in bytes; SQLite does not read the value for it. */
  readonly size: Database.Statement<Key, number>
  readonly find: Database.Statement<Key, Buffer>
  readonly insert: Database.Statement<[...Key, Uint8Array]>
}

function prepareTable(database: Database.Database, table: 'vector' | 'token_vector'): Table {
  const select = <Result>(what: string): Database.Statement<Key, Result> =>
    database.prepare<Key, Result>(`SELECT ${what} FROM ${table} WHERE encoder = ? AND text_hash = ?`).pluck()
  return {
    exists: select<number>('1'),
    size: select<number>('length(value)'),
    find: select<Buffer>('value'),
    insert: database.prepare(
      `INSERT INTO ${table} (encoder, text_hash, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
  }
}

/** The bytes of a part of an array, without a copy. */
function bytesOf(values: Float32Array | Uint16Array, start: number, count: number): Uint8Array {
  const { buffer, byteOffset, byteLength } = values.subarray(start, start + count)
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Calls `work` for every text, letting other work go in between. */
async function forEachText(
  texts: readonly string[],
  work: (text: string, row: number) => void,
  perTurn: number = textsPerTurn,
): Promise<void> {
  for (const [row, text] of texts.entries()) {
    work(text, row)
    if (row % perTurn === perTurn - 1) await yieldToOthers()
  }
}

/** @throws RangeError where vectors do not fit the texts or hold a number that is not finite. */
function check(
  texts: readonly string[],
  vectors: Float32Array,
  tokens: TokenVectors | null,
  dimension: number,
): void {
  if (vectors.length !== texts.length * dimension)
    throw new RangeError(
      `${texts.length} vectors of ${dimension} numbers were expected, not ${vectors.length} numbers`,
    )
  if (!vectors.every(Number.isFinite)) throw new RangeError('A vector holds a number that is not finite')
  if (tokens === null) return
  if (tokens.dimension !== dimension || tokens.lengths.length !== texts.length || !areWhole(tokens))
    throw new RangeError(`Token vectors of ${dimension} numbers for ${texts.length} texts were expected`)
  if (!tokens.values.every(isFiniteFloat16))
    throw new RangeError('A token vector holds a number that is not finite')
}

/**
 * Opens the cache at `path`, makes it where there is none, and sets a damaged one or one of another version aside.
 * @param encoderDigest names the encoder; vectors of others are not seen.
 * @param dimension length of every vector.
 * @throws GradusError `disk-full`, `file-unwritable`; later, from any call, also `file-unreadable` where the file turns
 *   out to be damaged: it is then set aside, and the next opening starts a new one.
 */
export function openEmbeddingCache(
  path: string,
  encoderDigest: string,
  dimension: number = builtIn.dimension,
): EmbeddingCache {
  const { database, encoder } = connectOrReplace(path, encoderDigest)
  const vectorTable = prepareTable(database, 'vector')
  const tokenTable = prepareTable(database, 'token_vector')

  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (thrown) {
      if (!isDamage(thrown)) throw failure(path, thrown)
      database.close()
      const aside = setAside(path)
      throw new GradusError(
        'file-unreadable',
        `The cache of text vectors ${path} was damaged and has been moved to ${aside}: start again, and the texts are encoded anew.`,
        { path, aside },
        thrown,
      )
    }
  }

  const has = ({ exists }: Table, text: string): boolean =>
    guarded(() => exists.get(encoder, keyOf(text)) !== undefined)

  const missingIn = async (table: Table, texts: readonly string[]): Promise<string[]> => {
    const unseen = new Set<string>()
    await forEachText(texts, (text) => {
      if (!unseen.has(text) && !has(table, text)) unseen.add(text)
    })
    return [...unseen]
  }

  const putAll = database.transaction(
    (texts: readonly string[], vectors: Float32Array, tokens: TokenVectors | null): void => {
      let start = 0
      texts.forEach((text, row) => {
        const key = keyOf(text)
        vectorTable.insert.run(encoder, key, bytesOf(vectors, row * dimension, dimension))
        if (tokens === null) return
        const size = (tokens.lengths[row] ?? 0) * dimension
        tokenTable.insert.run(encoder, key, bytesOf(tokens.values, start, size))
        start += size
      })
    },
  )

  return {
    missing: (texts) => missingIn(vectorTable, texts),
    missingTokens: (texts) => missingIn(tokenTable, texts),
    has: (text) => has(vectorTable, text),
    async usable(texts) {
      const usable = new Set<string>()
      const vector = new Float32Array(dimension)
      const bytes = new Uint8Array(vector.buffer)
      await forEachText(texts, (text) => {
        if (usable.has(text)) return
        const found = guarded(() => vectorTable.find.get(encoder, keyOf(text)))
        if (found?.byteLength !== bytes.byteLength) return
        bytes.set(found)
        if (vector.every(Number.isFinite)) usable.add(text)
      })
      return usable
    },
    async get(texts) {
      const vectors = new Float32Array(texts.length * dimension)
      const bytes = new Uint8Array(vectors.buffer)
      await forEachText(texts, (text, row) => {
        const found = guarded(() => vectorTable.find.get(encoder, keyOf(text)))
        if (found?.byteLength !== dimension * 4)
          throw new GradusError('not-found', 'A text has no vector yet: encode the texts first.', { row })
        bytes.set(found, row * dimension * 4)
      })
      return vectors
    },
    async getTokens(texts) {
      const absent = (row: number): GradusError =>
        new GradusError('not-found', 'A text has no token vectors yet: encode the texts first.', { row })
      const lengths = new Int32Array(texts.length)
      await forEachText(texts, (text, row) => {
        const tokens = (guarded(() => tokenTable.size.get(encoder, keyOf(text))) ?? 0) / (dimension * 2)
        if (tokens === 0 || !Number.isInteger(tokens)) throw absent(row)
        lengths[row] = tokens
      })
      // Known beforehand, the memory is taken once.
      const values = new Uint16Array(countTokens(lengths) * dimension)
      const bytes = new Uint8Array(values.buffer)
      let filled = 0
      const copy = (text: string, row: number): void => {
        const found = guarded(() => tokenTable.find.get(encoder, keyOf(text)))
        if (found?.byteLength !== (lengths[row] ?? 0) * dimension * 2) throw absent(row)
        bytes.set(found, filled)
        filled += found.byteLength
      }
      await forEachText(texts, copy, tokenTextsPerTurn)
      return { dimension, lengths, values }
    },
    put(texts, vectors, tokens = null) {
      check(texts, vectors, tokens, dimension)
      guarded(() => putAll.immediate(texts, vectors, tokens))
    },
    close: () => database.close(),
  }
}
