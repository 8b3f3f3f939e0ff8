import { isUtf8 } from 'node:buffer'
import type { FileEncoding } from '#shared/contract/imports.ts'

/**
 * Text as it comes from the file, before it is known to be valid: one character per byte for UTF-8 and Windows-1252,
 * one per code unit for UTF-16. Separators, quotes and line ends stand in it as themselves, so rows can be told apart
 * first and each row be decoded strictly by itself.
 */
export type RawText = string

const nonAscii = /[^\u0000-\u007f]/

// 0x80–0x9F of Windows-1252; the five bytes it leaves undefined are empty.
const windows1252 = '€\u0000‚ƒ„…†‡ˆ‰Š‹Œ\u0000Ž\u0000\u0000‘’“”•–—˜™š›œ\u0000žŸ'

/** Decodes strictly; null where the raw text is not valid in the encoding. */
export function decodeRaw(raw: RawText, encoding: FileEncoding): string | null {
  if (!nonAscii.test(raw)) return raw
  switch (encoding) {
    case 'utf-8': {
      const bytes = Buffer.from(raw, 'latin1')
      return isUtf8(bytes) ? bytes.toString('utf8') : null
    }
    case 'windows-1252': {
      const decoded = decodeWindows1252(raw)
      return decoded.includes('\ufffd') ? null : decoded
    }
    case 'utf-16le':
    case 'utf-16be':
      return raw.isWellFormed() ? raw : null
  }
}

/** Decodes for people to read: what is not valid becomes U+FFFD. */
export function decodeForReading(raw: RawText, encoding: FileEncoding): string {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(raw, 'latin1').toString('utf8')
    case 'windows-1252':
      return decodeWindows1252(raw)
    case 'utf-16le':
    case 'utf-16be':
      return raw.toWellFormed()
  }
}

function decodeWindows1252(raw: RawText): string {
  return raw.replace(/[\u0080-\u009f]/g, (byte) => {
    const character = windows1252.charAt(byte.charCodeAt(0) - 0x80)
    return character === '\u0000' ? '\ufffd' : character
  })
}

/** Turns a file's bytes, chunk by chunk, into raw text; a byte order mark at the start is dropped. */
export interface RawTextReader {
  push(chunk: Buffer): RawText
  /** What is left at the end of the file: half a UTF-16 unit becomes a lone surrogate, so that its row is refused. */
  end(): RawText
}

export function createRawTextReader(encoding: FileEncoding): RawTextReader {
  let atStart = true
  let left: Buffer = Buffer.alloc(0)
  const wide = encoding === 'utf-16le' || encoding === 'utf-16be'
  const byteOrderMark = wide ? '\ufeff' : encoding === 'utf-8' ? '\u00ef\u00bb\u00bf' : ''

  return {
    push(chunk) {
      const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk])
      // A mark can only be told once it is whole.
      const needed = atStart && !wide ? byteOrderMark.length : 0
      const usable = bytes.length < needed ? 0 : wide ? bytes.length - (bytes.length % 2) : bytes.length
      left = Buffer.from(bytes.subarray(usable))
      const raw = toRawText(bytes.subarray(0, usable), encoding)
      if (!atStart || raw === '') return raw
      atStart = false
      return byteOrderMark !== '' && raw.startsWith(byteOrderMark) ? raw.slice(byteOrderMark.length) : raw
    },
    end() {
      const rest = left
      left = Buffer.alloc(0)
      if (wide) return rest.length === 0 ? '' : '\udfff'
      return rest.toString('latin1')
    },
  }
}

function toRawText(bytes: Buffer, encoding: FileEncoding): RawText {
  switch (encoding) {
    case 'utf-8':
    case 'windows-1252':
      return bytes.toString('latin1')
    case 'utf-16le':
      return bytes.toString('utf16le')
    case 'utf-16be':
      return Buffer.from(bytes).swap16().toString('utf16le')
  }
}

/**
 * Guesses the encoding from the byte order mark, from NUL bytes beside line ends (UTF-16), else by whether the
 * characters beyond ASCII are rather UTF-8 sequences or single bytes.
 * @param samples parts of the file; the first is its beginning, all begin at even offsets.
 */
export function guessEncoding(samples: readonly Buffer[]): FileEncoding {
  const head = samples[0] ?? Buffer.alloc(0)
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const wide = guessWide(head)
  if (wide !== null) return wide
  let sequences = 0
  let strays = 0
  for (const sample of samples) {
    const found = countUtf8(sample)
    sequences += found.sequences
    strays += found.strays
  }
  return strays > sequences ? 'windows-1252' : 'utf-8'
}

function guessWide(sample: Buffer): 'utf-16le' | 'utf-16be' | null {
  const units = Math.floor(sample.length / 2)
  const nuls = [0, 0]
  const lineEnds = [0, 0]
  for (let unit = 0; unit < units; unit += 1) {
    const first = sample[2 * unit]
    const second = sample[2 * unit + 1]
    if (first === 0) nuls[0] = (nuls[0] ?? 0) + 1
    if (second === 0) nuls[1] = (nuls[1] ?? 0) + 1
    if (first === 0x0a && second === 0) lineEnds[0] = (lineEnds[0] ?? 0) + 1
    if (first === 0 && second === 0x0a) lineEnds[1] = (lineEnds[1] ?? 0) + 1
  }
  const bytesOfLineEnds = sample.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0)
  const fits = (high: 0 | 1): boolean => {
    const found = nuls[high] ?? 0
    const other = nuls[1 - high] ?? 0
    const ends = lineEnds[1 - high] ?? 0
    // Characters such as U+4E00 have their NUL on the other side, so line ends count for more than NULs.
    if (ends > 0) return found > 1 && found > other && ends * 2 >= bytesOfLineEnds
    return found > 1 && found > 10 * other && found * 10 >= units * 3
  }
  if (fits(1)) return 'utf-16le'
  return fits(0) ? 'utf-16be' : null
}

/** Counts well-built multi-byte sequences, and bytes beyond ASCII that stand in none. */
function countUtf8(sample: Buffer): { sequences: number; strays: number } {
  const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80
  let sequences = 0
  let strays = 0
  let position = 0
  // A sample may begin in the middle of a character.
  while (position < 3 && isContinuation(sample[position])) position += 1
  while (position < sample.length) {
    const byte = sample[position] ?? 0
    if (byte < 0x80) {
      position += 1
      continue
    }
    const length =
      byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc2 && byte < 0xe0 ? 2 : 0
    const available = Math.min(length, sample.length - position)
    let whole = length > 0
    for (let next = 1; next < available; next += 1) whole &&= isContinuation(sample[position + next])
    // A sample may end in the middle of a character, too.
    if (whole && available < length) break
    if (whole) sequences += 1
    else strays += 1
    position += whole ? length : 1
  }
  return { sequences, strays }
}
