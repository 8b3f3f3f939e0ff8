import { hash } from 'node:crypto'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { GradusError } from '#shared/contract/errors.ts'
import { encoder as builtIn } from './catalogue.ts'

/** Vectors of one encoder by the text they stand for, in a file that may be shared by processes and deleted at any time. */
export interface EmbeddingCache {
  /** The texts that have no vector yet, each once, in order of first appearance. */
  missing(texts: readonly string[]): Promise<string[]>
  has(text: string): boolean
  /**
   * The vectors of `texts`, row-major [texts × dimension].
   * @throws GradusError `not-found` where one is absent.
   */
  get(texts: readonly string[]): Promise<Float32Array<ArrayBuffer>>
  /**
   * Stores vectors, row-major [texts × dimension], in one transaction; vectors already there stay.
   * @throws RangeError where the length is wrong or a number is not finite; then none is stored.
   */
  put(texts: readonly string[], vectors: Float32Array): void
  close(): void
}

const schemaVersion = 1
const damagedCodes = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_FORMAT'])
/** Rows looked up before other work gets its turn: some milliseconds. */
const rowsPerTurn = 500

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
  const find = database
    .prepare<[number, Buffer], Buffer>('SELECT value FROM vector WHERE encoder = ? AND text_hash = ?')
    .pluck()
  const exists = database
    .prepare<[number, Buffer], number>('SELECT 1 FROM vector WHERE encoder = ? AND text_hash = ?')
    .pluck()
  const insert = database.prepare<[number, Buffer, Uint8Array]>(
    'INSERT INTO vector (encoder, text_hash, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )

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

  const putAll = database.transaction((texts: readonly string[], vectors: Float32Array): void => {
    texts.forEach((text, row) => {
      const { buffer, byteOffset } = vectors.subarray(row * dimension)
      insert.run(encoder, keyOf(text), new Uint8Array(buffer, byteOffset, dimension * 4))
    })
  })

  const cache: EmbeddingCache = {
    async missing(texts) {
      const unseen = new Set<string>()
      for (const [index, text] of texts.entries()) {
        if (!unseen.has(text) && !cache.has(text)) unseen.add(text)
        if (index % rowsPerTurn === rowsPerTurn - 1) await yieldToOthers()
      }
      return [...unseen]
    },
    has: (text) => guarded(() => exists.get(encoder, keyOf(text)) !== undefined),
    async get(texts) {
      const vectors = new Float32Array(texts.length * dimension)
      const bytes = new Uint8Array(vectors.buffer)
      for (const [row, text] of texts.entries()) {
        const found = guarded(() => find.get(encoder, keyOf(text)))
        if (found?.byteLength !== dimension * 4)
          throw new GradusError('not-found', 'A text has no vector yet: encode the texts first.', { row })
        bytes.set(found, row * dimension * 4)
        if (row % rowsPerTurn === rowsPerTurn - 1) await yieldToOthers()
      }
      return vectors
    },
    put(texts, vectors) {
      if (vectors.length !== texts.length * dimension)
        throw new RangeError(
          `${texts.length} vectors of ${dimension} numbers were expected, not ${vectors.length} numbers`,
        )
      if (!vectors.every(Number.isFinite)) throw new RangeError('A vector holds a number that is not finite')
      guarded(() => putAll.immediate(texts, vectors))
    },
    close: () => database.close(),
  }
  return cache
}
