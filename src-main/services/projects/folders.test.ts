import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toErrorShape } from '#shared/contract/errors.ts'
import { locateFolders, openFolders } from './folders.ts'

let home: string
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'gradus-folders-'))))
afterEach(() => rmSync(home, { recursive: true }))

it('makes every folder under one that was named', () => {
  const folders = openFolders(join(home, 'new'))
  expect(folders).toEqual({
    projects: join(home, 'new', 'projects'),
    data: join(home, 'new', 'data'),
    cache: join(home, 'new', 'cache'),
    log: join(home, 'new', 'log'),
  })
  expect(Object.values(folders).map((folder) => statSync(String(folder)).isDirectory())).toEqual(
    Array(4).fill(true),
  )
  expect(openFolders(join(home, 'new'))).toEqual(folders)
})

it('uses the places of the system otherwise, an empty name included', () => {
  expect(locateFolders(undefined)).toEqual(locateFolders(''))
  expect(locateFolders(undefined).projects).toMatch(/Gradus$/)
})

it('says which folder cannot be made', () => {
  const file = join(home, 'file')
  writeFileSync(file, '')
  let refused: unknown
  try {
    openFolders(file)
  } catch (thrown) {
    refused = toErrorShape(thrown)
  }
  const folder = join(file, 'projects')
  expect(refused).toEqual({
    code: 'file-unwritable',
    message: `The folder ${folder} cannot be made: make it yourself, or name another one in GRADUS_HOME.`,
    details: { folder },
  })
})
