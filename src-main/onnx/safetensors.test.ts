import { expect, test } from 'vitest'
import { floats, integers, tensor, type Tensor } from './model.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

const contents: [string, Tensor][] = [
  ['bias', tensor('float16', [3], Uint16Array.of(0x3c00, 0x4000, 0xc000))],
  ['weight', floats([1, -2, 0.5, 4], [2, 2])],
  ['steps', integers([7, -1])],
  ['classes', tensor('int32', [1], Int32Array.of(3))],
  ['empty', floats([], [0, 4])],
  ['scalar', floats([42])],
]

/** A file with the given header text and this many bytes of data. */
function file(header: string, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.byteLength + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.byteLength), true)
  bytes.set(json, 8)
  return bytes
}

test('what is written is read back, whatever the order', () => {
  const metadata = { framework: 'gradus', a: 'ä "quoted"' }
  const bytes = writeSafetensors(new Map(contents), metadata)
  const read = readSafetensors(bytes)
  expect({ tensors: [...read.tensors].sort(), metadata: read.metadata }).toEqual({
    tensors: contents.toSorted(),
    metadata,
  })
  expect(writeSafetensors(new Map(contents.toReversed()), { a: metadata.a, framework: 'gradus' })).toEqual(
    bytes,
  )
})

test('every tensor of a written file is aligned to its element', () => {
  const bytes = writeSafetensors(new Map(contents), { note: 'odd length' })
  const { tensors } = readSafetensors(bytes)
  const offsets = ['steps', 'weight', 'bias'].map((name, index) => {
    const { buffer, byteOffset } = tensors.get(name)!.bytes
    return { shared: buffer === bytes.buffer, rest: byteOffset % [8, 4, 2][index]! }
  })
  expect(offsets).toEqual(Array.from({ length: 3 }, () => ({ shared: true, rest: 0 })))
})

test.each([
  ['an array', (bytes: Uint8Array) => bytes],
  ['a Buffer', (bytes: Uint8Array) => Buffer.from(bytes.buffer)],
])('a foreign file in %s that does not align its tensors can be read as typed arrays', (_, hold) => {
  const written = file('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4)
  new DataView(written.buffer).setFloat32(written.byteLength - 4, 1.5, true)
  const bytes = hold(written)
  const { bytes: data } = readSafetensors(bytes).tensors.get('w')!
  expect([...new Float32Array(data.buffer, data.byteOffset, 1)]).toEqual([1.5])
})

test('a file with no tensors is read', () => {
  expect(readSafetensors(writeSafetensors(new Map()))).toEqual({ tensors: new Map(), metadata: {} })
})

const good = '"dtype":"F32","shape":[1],"data_offsets":[0,4]'
test.each([
  ['no header', new Uint8Array(3), /shorter than 8 bytes/],
  ['a header longer than the file', file('{}').subarray(0, 9), /header claims 2 bytes, the file has 1 left/],
  ['an absurd header length', new Uint8Array(16).fill(0xff), /header claims 18446744073709551615 bytes/],
  ['a header that is not JSON', file('{"w"'), /not a JSON object/],
  ['a header that is a list', file('[]'), /not a JSON object/],
  ['a header that is not UTF-8', file('{"\u00ff":1}').with(10, 0xff), /not a JSON object/],
  ['an unknown type', file(`{"w":{${good.replace('F32', 'Q4')}}}`, 4), /tensor w has the type Q4/],
  [
    'a negative dimension',
    file(`{"w":{${good.replace('[1]', '[-1]')}}}`, 4),
    /entry of tensor w is malformed/,
  ],
  [
    'a fractional offset',
    file(`{"w":{${good.replace('0,4', '0.5,4')}}}`, 4),
    /entry of tensor w is malformed/,
  ],
  ['a missing field', file('{"w":{"dtype":"F32"}}'), /entry of tensor w is malformed/],
  ['an end outside the file', file(`{"w":{${good}}}`, 3), /tensor w lies outside the file/],
  ['offsets in reverse', file(`{"w":{${good.replace('0,4', '4,0')}}}`, 4), /tensor w lies outside/],
  [
    'a shape that does not fit',
    file(`{"w":{${good.replace('[1]', '[2]')}}}`, 4),
    /does not fill its 4 bytes/,
  ],
  [
    'a shape whose product overflows',
    file(`{"w":{${good.replace('[1]', '[9007199254740991,9007199254740991]')}}}`, 4),
    /does not fill its 4 bytes/,
  ],
  ['overlapping tensors', file(`{"a":{${good}},"b":{${good}}}`, 4), /tensor b overlaps another/],
  ['a gap', file(`{"a":{${good.replace('0,4', '2,6')}}}`, 6), /gap of 2 bytes before tensor a/],
  ['bytes at the end', file(`{"a":{${good}}}`, 9), /5 bytes belong to no tensor/],
  ['metadata that is not text', file('{"__metadata__":{"n":1}}'), /metadata is not a map of strings/],
])('%s is refused with its reason', (_, bytes, reason) => {
  expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ code: 'bad-file' }) as Error)
  expect(() => readSafetensors(bytes)).toThrow(reason)
})

test('a tensor that does not fill its shape is not written', () => {
  const wrong: Tensor = { type: 'float32', dimensions: [2], bytes: new Uint8Array(4) }
  expect(() => writeSafetensors(new Map([['w', wrong]]))).toThrow(RangeError)
})
