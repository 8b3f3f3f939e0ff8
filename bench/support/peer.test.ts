import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../src-main/learning/random.ts'
import { startPeer, type Peer } from './peer.ts'
import { writeTokenFile, type TokenRows } from './tokenFile.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-peer-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Texts of 1–6 tokens; the target of a pair is 1 where both begin with the same token, else 0. */
function writeExample(path: string): void {
  const [width, texts, rows] = [16, 200, 500]
  const random = createRandom(1, 'tokens')
  const lengths = Int32Array.from({ length: texts }, () => 1 + random.integer(6))
  let next = 0
  const starts = lengths.map((length) => (next += length) - length)
  const kinds = Int32Array.from({ length: next }, (_, token) => (starts.includes(token) ? token % 2 : 2))
  const one = 0x3c00
  const vectors = Uint16Array.from({ length: next * width }, (_, place) =>
    place % width === kinds[Math.floor(place / width)] ? one : 0,
  )
  const draw = (): TokenRows => {
    const premise = Int32Array.from({ length: rows }, () => random.integer(texts))
    const hypothesis = Int32Array.from({ length: rows }, () => random.integer(texts))
    const first = (text: number | undefined): number => kinds[starts[text ?? 0] ?? 0] ?? 0
    const target = Float32Array.from({ length: rows }, (_, row) =>
      first(premise[row]) === first(hypothesis[row]) ? 1 : 0,
    )
    return { premise, hypothesis, target }
  }
  writeTokenFile(path, { width, vectors, starts, lengths, training: draw(), heldOut: draw() })
}

async function withPeer(
  starting: Promise<Peer | string>,
  skip: (reason: string) => never,
  use: (peer: Peer) => Promise<void>,
): Promise<void> {
  const peer = await starting
  // Any other reason is a fault.
  if (peer === 'python3-torch is not installed' || peer === '/usr/bin/python3 is not installed') skip(peer)
  if (typeof peer === 'string') throw new Error(peer)
  try {
    await use(peer)
  } finally {
    await peer.close()
  }
}

describe('a peer that cannot run says why', () => {
  test('without Python', async () => {
    expect(await startPeer('ensemble.py', 1, [], '/nowhere/python3')).toBe(
      '/nowhere/python3 is not installed',
    )
  })

  test('when its program fails', async () => {
    // Node in the place of Python: it refuses the option and ends.
    expect(await startPeer('ensemble.py', 1, [], process.execPath)).toMatch(
      /^ensemble\.py: .*bad option: -B \(it ended with 9\)$/,
    )
  })
})

test('the interaction head reads the token file and learns', async ({ skip }) => {
  const path = join(folder, 'tokens.bin')
  writeExample(path)
  await withPeer(startPeer('interaction.py', 1, [path]), skip, async (peer) => {
    expect(peer.version).toMatch(/^PyTorch \d.*, 1 thread\(s\)$/)
    const seconds = await peer.ask('train 8', 8)
    expect(seconds.every((value) => value > 0)).toBe(true)
    const [pearson] = await peer.ask('pearson')
    expect(pearson).toBeGreaterThan(0.9)
    await expect(peer.ask('dance')).rejects.toThrow("interaction.py: KeyError: 'dance' (it ended with 1)")
  })
})

test('the ensemble trains in each of its ways', async ({ skip }) => {
  await withPeer(startPeer('ensemble.py', 1, ['128']), skip, async (peer) => {
    for (const way of ['loop', 'stacked', 'wide']) expect((await peer.ask(`${way} 1`))[0]).toBeGreaterThan(0)
  })
})
