import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

function findProgramRoot(): URL {
  let folder = new URL('./', import.meta.url)
  while (!existsSync(fileURLToPath(new URL('package.json', folder)))) {
    const above = new URL('../', folder)
    if (above.href === folder.href) throw new Error(`There is no package.json above ${import.meta.url}`)
    folder = above
  }
  return folder
}

/** The folder of package.json, with a slash at its end; found from the sources and from the built program alike. */
export const programRoot: URL = findProgramRoot()

/** The folder of the built entries, with a slash at its end. */
export const builtEntries: URL = new URL('out/main/', programRoot)

/** The program's version, as package.json has it. */
export function programVersion(): string {
  const text = readFileSync(fileURLToPath(new URL('package.json', programRoot)), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
