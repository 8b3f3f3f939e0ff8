import { expect, test } from 'vitest'
import type { FileEncoding } from '#shared/contract/imports.ts'
import { createRawTextReader, decodeForReading, decodeRaw, guessEncoding } from './encoding.ts'

const text = 'naïve – “quoted” €\tzweite Spalte\nnext line\twith ß\n'

/** The text's bytes; big-endian is not among Node's own. */
function bytesOf(encoding: FileEncoding, content: string): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(content, 'utf8')
    case 'utf-16le':
      return Buffer.from(content, 'utf16le')
    case 'utf-16be':
      return Buffer.from(content, 'utf16le').swap16()
    case 'windows-1252': {
      const special: Record<string, number> = { '€': 0x80, '–': 0x96, '“': 0x93, '”': 0x94 }
      return Buffer.from(
        Array.from(content).map((character) => special[character] ?? character.charCodeAt(0)),
      )
    }
  }
}

function readInPieces(bytes: Buffer, encoding: FileEncoding, piece: number): string | null {
  const reader = createRawTextReader(encoding)
  let raw = ''
  for (let start = 0; start < bytes.length; start += piece)
    raw += reader.push(bytes.subarray(start, start + piece))
  return decodeRaw(raw + reader.end(), encoding)
}

const marked: readonly [FileEncoding, number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-8', []],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16le', []],
  ['utf-16be', [0xfe, 0xff]],
  ['utf-16be', []],
  ['windows-1252', []],
]

for (const [encoding, mark] of marked)
  test(`${encoding} ${mark.length > 0 ? 'with' : 'without'} byte order mark is guessed and read, in any pieces`, () => {
    const bytes = Buffer.concat([Buffer.from(mark), bytesOf(encoding, text)])
    expect(guessEncoding([bytes])).toBe(encoding)
    for (const piece of [bytes.length, 1, 2, 3, 5]) expect(readInPieces(bytes, encoding, piece)).toBe(text)
  })

test('the guess looks further than the beginning, and single broken bytes do not turn UTF-8 into Windows-1252', () => {
  const ascii = Buffer.from('plain,text\n'.repeat(20))
  expect({
    ascii: guessEncoding([ascii]),
    empty: guessEncoding([Buffer.alloc(0)]),
    laterByte: guessEncoding([ascii, Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a])]),
    mostlyValid: guessEncoding([Buffer.concat([Buffer.from('é ü ß\n'), Buffer.from([0xff, 0x0a])])]),
    windowCutInCharacter: guessEncoding([ascii, Buffer.from('é'.repeat(9)).subarray(1, 16)]),
    sparseNuls: guessEncoding([Buffer.from('a,b\0\nc,d\ne,\0f\n')]),
    chinese: guessEncoding([Buffer.from('一个人在吃饭,一个人在睡觉\n狗在跑,狗在睡\n', 'utf16le')]),
  }).toEqual({
    ascii: 'utf-8',
    empty: 'utf-8',
    laterByte: 'windows-1252',
    mostlyValid: 'utf-8',
    windowCutInCharacter: 'utf-8',
    sparseNuls: 'utf-8',
    chinese: 'utf-16le',
  })
})

test('what is not valid is refused, and readable with replacement characters', () => {
  const latin = (...bytes: number[]): string => Buffer.from(bytes).toString('latin1')
  const invalid: readonly [string, FileEncoding][] = [
    [latin(0x61, 0xff), 'utf-8'],
    [latin(0xc0, 0xaf), 'utf-8'],
    [latin(0xed, 0xa0, 0x80), 'utf-8'],
    [latin(0x61, 0x81), 'windows-1252'],
    ['a\ud800', 'utf-16le'],
    ['\udc00a', 'utf-16be'],
  ]
  expect(invalid.map(([raw, encoding]) => decodeRaw(raw, encoding))).toEqual(invalid.map(() => null))
  expect(invalid.every(([raw, encoding]) => decodeForReading(raw, encoding).includes('\ufffd'))).toBe(true)
})

test('half a UTF-16 unit at the end of a file is not valid', () => {
  const bytes = Buffer.concat([Buffer.from('a,b', 'utf16le'), Buffer.from([0x63])])
  expect(readInPieces(bytes, 'utf-16le', 4)).toBe(null)
})
