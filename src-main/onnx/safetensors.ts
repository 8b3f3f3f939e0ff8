import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import { elementCount, type ElementType, type Tensor } from './model.ts'

/** safetensors: 8 bytes of header length, a JSON header, then the tensors' bytes without gaps, all little-endian. */
export interface Safetensors {
  readonly tensors: Map<string, Tensor>
  readonly metadata: Record<string, string>
}

interface DataType {
  readonly name: string
  readonly type: ElementType
  readonly bytes: number
}

const dataTypes: readonly DataType[] = [
  { name: 'F64', type: 'float64', bytes: 8 },
  { name: 'I64', type: 'int64', bytes: 8 },
  { name: 'F32', type: 'float32', bytes: 4 },
  { name: 'I32', type: 'int32', bytes: 4 },
  { name: 'U32', type: 'uint32', bytes: 4 },
  { name: 'F16', type: 'float16', bytes: 2 },
  { name: 'BOOL', type: 'bool', bytes: 1 },
]
const typeByName = new Map(dataTypes.map((dataType) => [dataType.name, dataType]))
const typeByElement = new Map(dataTypes.map((dataType) => [dataType.type, dataType]))

const metadataKey = '__metadata__'
/** The format's own limit; a larger length is a damaged or hostile file. */
const maximumHeaderBytes = 100_000_000

const natural = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const entry = z.object({
  dtype: z.string(),
  shape: z.array(natural).max(32),
  data_offsets: z.tuple([natural, natural]),
})
const metadataEntry = z.record(z.string(), z.string())
const headerObject = z.record(z.string(), z.unknown())

const bad = (reason: string): GradusError =>
  new GradusError('bad-file', `This is not a usable safetensors file: ${reason}.`)

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.byteLength < 8) throw bad('it is shorter than 8 bytes')
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(maximumHeaderBytes) || Number(length) > bytes.byteLength - 8)
    throw bad(`its header claims ${length.toString()} bytes, the file has ${bytes.byteLength - 8} left`)
  const end = 8 + Number(length)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, end))
    return { header: headerObject.parse(JSON.parse(text)), data: bytes.subarray(end) }
  } catch (cause) {
    throw new GradusError(
      'bad-file',
      'This is not a usable safetensors file: its header is not a JSON object.',
      undefined,
      cause,
    )
  }
}

/** Checks one header entry and cuts its tensor out of `data`; copies only where the view would not be aligned. */
function readTensor(name: string, value: unknown, data: Uint8Array): { begin: number; tensor: Tensor } {
  const parsed = entry.safeParse(value)
  if (!parsed.success) throw bad(`the entry of tensor ${name} is malformed`)
  const { dtype, shape } = parsed.data
  const [begin, end] = parsed.data.data_offsets
  const dataType = typeByName.get(dtype)
  if (dataType === undefined)
    throw bad(`tensor ${name} has the type ${dtype}; known are ${[...typeByName.keys()].join(', ')}`)
  if (begin > end || end > data.byteLength) throw bad(`tensor ${name} lies outside the file`)
  if (elementCount(shape) * dataType.bytes !== end - begin)
    throw bad(`tensor ${name} [${shape.join(', ')}] of ${dtype} does not fill its ${end - begin} bytes`)
  const view = data.subarray(begin, end)
  // Not `slice`: that of a Node Buffer copies nothing.
  const bytes = view.byteOffset % dataType.bytes === 0 ? view : new Uint8Array(view)
  return { begin, tensor: { type: dataType.type, dimensions: shape, bytes } }
}

/**
 * Reads a safetensors file from outside.
 * @returns tensors whose bytes are views of `bytes` (copies where the file does not align them), so typed arrays can be laid over them.
 * @throws GradusError `bad-file` where header, types, shapes or offsets are wrong, overlap or leave gaps.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, data } = parseHeader(bytes)
  const metadata = metadataEntry.safeParse(header[metadataKey] ?? {})
  if (!metadata.success) throw bad('its metadata is not a map of strings')
  const found = Object.entries(header)
    .filter(([name]) => name !== metadataKey)
    .map(([name, value]) => ({ name, ...readTensor(name, value, data) }))

  let filled = 0
  // Of two tensors that begin together the empty one comes first.
  const byOffset = found.toSorted(
    (left, right) => left.begin - right.begin || left.tensor.bytes.byteLength - right.tensor.bytes.byteLength,
  )
  for (const { name, begin, tensor } of byOffset) {
    if (begin < filled) throw bad(`tensor ${name} overlaps another`)
    if (begin > filled) throw bad(`there is a gap of ${begin - filled} bytes before tensor ${name}`)
    filled += tensor.bytes.byteLength
  }
  if (filled !== data.byteLength) throw bad(`${data.byteLength - filled} bytes belong to no tensor`)
  return { tensors: new Map(found.map(({ name, tensor }) => [name, tensor])), metadata: metadata.data }
}

const byKey = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : left > right ? 1 : 0

/**
 * Writes a safetensors file; equal contents give equal bytes, whatever the order of the maps.
 * Tensors are laid out by falling element size, then by name, after a header padded to 8 bytes, so every one is aligned.
 * @throws RangeError where a tensor's bytes do not fit its shape.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  let offset = 0
  const laid = [...tensors]
    .map(([name, tensor]) => {
      const dataType = typeByElement.get(tensor.type)
      if (dataType === undefined) throw new RangeError(`safetensors has no type for ${tensor.type}`)
      if (name === metadataKey) throw new RangeError(`A tensor cannot be named ${metadataKey}`)
      if (elementCount(tensor.dimensions) * dataType.bytes !== tensor.bytes.byteLength)
        throw new RangeError(`Tensor ${name} does not fill its shape [${tensor.dimensions.join(', ')}]`)
      return { name, tensor, dataType }
    })
    .toSorted(
      (left, right) =>
        right.dataType.bytes - left.dataType.bytes || byKey([left.name, null], [right.name, null]),
    )
    .map(({ name, tensor, dataType }) => {
      const begin = offset
      offset += tensor.bytes.byteLength
      return { name, tensor, dataType, begin, end: offset }
    })

  const notes = Object.entries(metadata).toSorted(byKey)
  // Text rather than an object: object keys that look like numbers would leave their order.
  const quoted = (name: string, value: string): string => `${JSON.stringify(name)}:${value}`
  const fields = laid.map(({ name, tensor, dataType, begin, end }) =>
    quoted(
      name,
      JSON.stringify({ dtype: dataType.name, shape: tensor.dimensions, data_offsets: [begin, end] }),
    ),
  )
  if (notes.length > 0)
    fields.unshift(
      quoted(metadataKey, `{${notes.map(([key, note]) => quoted(key, JSON.stringify(note))).join(',')}}`),
    )
  const json = new TextEncoder().encode(`{${fields.join(',')}}`)
  const headerBytes = Math.ceil(json.byteLength / 8) * 8

  const file = new Uint8Array(8 + headerBytes + offset)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true)
  file.fill(0x20, 8, 8 + headerBytes)
  file.set(json, 8)
  for (const { tensor, begin } of laid) file.set(tensor.bytes, 8 + headerBytes + begin)
  return file
}
