import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The ending of project files. */
export const projectSuffix = '.gradus'

/** Names that Windows keeps for devices, whatever their ending. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i
const longestBytes = 180

/**
 * A file name, without its ending, that every system takes: no path separators, control characters, device names, dots
 * or spaces at the ends; at most 180 bytes of UTF-8.
 */
export function safeFileName(title: string): string {
  const plain = title
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}<>:"/\\|?*]+/gu, ' ')
    .replace(/\s+/gu, ' ')
  const characters = Array.from(plain)
  while (Buffer.byteLength(characters.join('')) > longestBytes) characters.pop()
  const name = characters.join('').replace(/^[. ]+|[. ]+$/g, '')
  if (name === '') return 'Project'
  return reserved.test(name) ? `${name} project` : name
}

/** The first free path for a project of this title in a folder: `Title.gradus`, `Title 2.gradus` … */
export function freeProjectPath(folder: string, title: string): string {
  const name = safeFileName(title)
  for (let number = 1; ; number++) {
    const path = join(folder, `${name}${number === 1 ? '' : ` ${number}`}${projectSuffix}`)
    if (!existsSync(path)) return path
  }
}
