import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { encoder, encoderDigest, type EncoderEntry, type EncoderPaths } from './catalogue.ts'
import { ensureModelFile, writeFailure } from './modelFile.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-model-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const lyingAt = (change: Partial<EncoderPaths>): EncoderEntry => ({
  ...encoder,
  locate: async () => ({ ...(await encoder.locate()), ...change }),
})

test('the model is converted once, and again where its file is truncated, changed or half written', async () => {
  const folder = join(root, 'deep', 'folder')
  const path = await ensureModelFile(folder)
  const bytes = readFileSync(path)
  expect(readdirSync(folder)).toEqual([`${encoderDigest}.onnx`, `${encoderDigest}.onnx.sha256`])

  const gone = lyingAt({ weights: join(root, 'gone'), config: join(root, 'gone') })
  expect(await ensureModelFile(folder, gone)).toBe(path)

  const damage: (() => void)[] = [
    () => truncateSync(path, bytes.byteLength - 1),
    () => writeFileSync(path, bytes.with(1_000_000, bytes[1_000_000]! ^ 1)),
    () => rmSync(`${path}.sha256`),
  ]
  for (const harm of damage) {
    harm()
    await ensureModelFile(folder)
    expect(readFileSync(path).equals(bytes)).toBe(true)
  }
})

test('a missing and a changed file of the encoder are named', async () => {
  const changed = join(root, 'config.json')
  writeFileSync(changed, '{}')
  await expect(
    ensureModelFile(join(root, 'a'), lyingAt({ weights: join(root, 'gone') })),
  ).rejects.toMatchObject({
    code: 'encoder-missing',
    message: expect.stringContaining(join(root, 'gone')) as string,
  })
  await expect(ensureModelFile(join(root, 'b'), lyingAt({ config: changed }))).rejects.toMatchObject({
    code: 'encoder-damaged',
    message: expect.stringContaining(changed) as string,
  })
})

test('a folder that cannot be written and a full disk are told apart', async () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  await expect(ensureModelFile(join(file, 'folder'))).rejects.toMatchObject({ code: 'file-unwritable' })
  expect(writeFailure('model', Object.assign(new Error(), { code: 'ENOSPC' }))).toMatchObject({
    code: 'disk-full',
    details: { path: 'model' },
  })
})
