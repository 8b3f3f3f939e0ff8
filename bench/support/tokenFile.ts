import { closeSync, openSync, writeSync } from 'node:fs'

/** Pairs as numbers of texts, each array [rows]. */
export interface TokenRows {
  readonly premise: Int32Array
  readonly hypothesis: Int32Array
  /** 0–1. */
  readonly target: Float32Array
}

/** What bench/peers/interaction.py reads. */
export interface TokenFile {
  /** Numbers in one vector. */
  readonly width: number
  /** The bits of float16 numbers [tokens × width]. */
  readonly vectors: Uint16Array
  /** First token of each text [texts]. */
  readonly starts: Int32Array
  /** Tokens of each text, 1 or more [texts]. */
  readonly lengths: Int32Array
  readonly training: TokenRows
  readonly heldOut: TokenRows
}

/** Writes the file whose layout bench/peers/interaction.py describes, in this machine's byte order (little-endian). */
export function writeTokenFile(path: string, content: TokenFile): void {
  const { width, vectors, starts, lengths, training, heldOut } = content
  const sizes = [width, vectors.length / width, starts.length, training.target.length, heldOut.target.length]
  const rows = [training, heldOut].flatMap(({ premise, hypothesis, target }) => [premise, hypothesis, target])
  const file = openSync(path, 'w')
  try {
    for (const part of [Int32Array.from(sizes), starts, lengths, ...rows, vectors]) {
      // One call may write less than it is given: Linux stops at 2 GiB.
      for (let written = 0; written < part.byteLength;)
        written += writeSync(file, part, written, part.byteLength - written)
    }
  } finally {
    closeSync(file)
  }
}
