import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createAtomicFile, makeFolder, unwritable } from './atomicFile.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-atomic-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a file takes its name only when it is whole, and replaces the one before', async () => {
  const path = join(folder, 'a.txt')
  writeFileSync(path, 'before')
  const file = await createAtomicFile(path)
  await file.write('é'.repeat(70_000))
  const during = readFileSync(path, 'utf8')
  const written = await file.publish()
  await file.abandon()
  expect([during, readFileSync(path, 'utf8').length, written.bytes, readdirSync(folder)]).toEqual([
    'before',
    70_000,
    140_000,
    ['a.txt'],
  ])
})

test('an abandoned file leaves no trace', async () => {
  const file = await createAtomicFile(join(folder, 'b.txt'))
  await file.write('x'.repeat(100_000))
  await file.abandon()
  await file.abandon()
  expect(readdirSync(folder)).not.toContain('b.txt')
})

test('a missing folder is named', async () => {
  await expect(createAtomicFile(join(folder, 'nowhere', 'c.txt'))).rejects.toMatchObject({
    code: 'file-unwritable',
    message: expect.stringContaining('its folder is not there') as unknown,
  })
})

test('folders are made as deep as they are named, and not where a file is in the way', async () => {
  await makeFolder(join(folder, 'one', 'two', 'three'))
  await makeFolder(join(folder, 'one', 'two'))
  writeFileSync(join(folder, 'one', 'file'), '')
  expect(readdirSync(join(folder, 'one', 'two'))).toEqual(['three'])
  for (const name of ['file', 'file/deeper'])
    await expect(makeFolder(join(folder, 'one', name))).rejects.toMatchObject({ code: 'file-unwritable' })
})

test.skipIf(!existsSync('/proc/self'))('where nothing can be made, that is told (needs /proc)', async () => {
  await expect(makeFolder('/proc/none/deeper')).rejects.toMatchObject({ code: 'file-unwritable' })
})

test.skipIf(!existsSync('/dev/full'))('a full disk is told as such (needs /dev/full)', () => {
  let thrown: unknown
  try {
    writeFileSync('/dev/full', 'x')
  } catch (caught) {
    thrown = unwritable('/somewhere/d.txt', caught)
  }
  expect(thrown).toMatchObject({
    code: 'disk-full',
    message: 'The disk is full: /somewhere/d.txt could not be written. Make room and try again.',
  })
})
