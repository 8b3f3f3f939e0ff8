import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GradusError } from '#shared/contract/errors.ts'
import { readSafetensors } from '../onnx/safetensors.ts'
import { writeModel } from '../onnx/writeModel.ts'
import { encoder, encoderDigest, readEncoderFile, type EncoderEntry } from './catalogue.ts'
import { convertBert } from './convertBert.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const errorCodeOf = (thrown: unknown): unknown =>
  thrown instanceof Error && 'code' in thrown ? thrown.code : undefined

/** What a failed write means to a person. */
export function writeFailure(path: string, thrown: unknown): GradusError {
  if (errorCodeOf(thrown) === 'ENOSPC' || errorCodeOf(thrown) === 'EDQUOT')
    return new GradusError(
      'disk-full',
      `The disk is full: ${path} could not be written. Free some space and try again.`,
      { path },
      thrown,
    )
  return new GradusError(
    'file-unwritable',
    `The file ${path} could not be written: check that its folder may be written to.`,
    { path },
    thrown,
  )
}

/** Writes a file so that at `path` there is either all of it or what was there before, even after a power cut. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
      await file.close()
      await rename(temporary, path)
    } catch (thrown) {
      await file.close()
      await rm(temporary, { force: true })
      throw thrown
    }
  } catch (thrown) {
    throw writeFailure(path, thrown)
  }
}

/** True where the model and the digest beside it are there and agree. */
async function isWhole(path: string, digestPath: string): Promise<boolean> {
  try {
    const [bytes, digest] = await Promise.all([readFile(path), readFile(digestPath, 'utf8')])
    return sha256(bytes) === digest
  } catch (thrown) {
    if (errorCodeOf(thrown) === 'ENOENT' || errorCodeOf(thrown) === 'ENOTDIR') return false
    throw new GradusError(
      'file-unreadable',
      `The file ${path} cannot be read: delete it and try again.`,
      { path },
      thrown,
    )
  }
}

/**
 * The encoder as an ONNX file in `folder`: converted at first use, reused afterwards, made again where it is damaged.
 * @returns its path, `<encoderDigest>.onnx`.
 * @throws GradusError `encoder-missing`, `encoder-damaged`, `disk-full`, `file-unwritable`, `file-unreadable`.
 */
export async function ensureModelFile(folder: string, entry: EncoderEntry = encoder): Promise<string> {
  const path = join(folder, `${encoderDigest}.onnx`)
  const digestPath = `${path}.sha256`
  if (await isWhole(path, digestPath)) return path
  const paths = await entry.locate()
  const config: unknown = JSON.parse(new TextDecoder().decode(await readEncoderFile('config', paths, entry)))
  const { tensors } = readSafetensors(await readEncoderFile('weights', paths, entry))
  const model = writeModel(convertBert(tensors, config))
  // The digest comes last, so a model without one is a conversion that did not end.
  await writeWhole(path, model)
  await writeWhole(digestPath, new TextEncoder().encode(sha256(model)))
  return path
}
