import { basename } from 'node:path'
import { BrowserWindow, dialog, type OpenDialogOptions, type WebContents } from 'electron'
import { z } from 'zod'
import type { ChosenFile } from '#shared/contract/host.ts'

export const choiceKind = z.enum(['import', 'folder', 'project'])

const allFiles = { name: 'All files', extensions: ['*'] }
const dialogs: Record<z.infer<typeof choiceKind>, OpenDialogOptions> = {
  import: {
    title: 'Import pairs',
    properties: ['openFile'],
    filters: [{ name: 'Tables', extensions: ['csv', 'tsv', 'txt', 'jsonl', 'ndjson'] }, allFiles],
  },
  folder: { title: 'Choose a folder', properties: ['openDirectory', 'createDirectory'] },
  project: {
    title: 'Open a project',
    properties: ['openFile'],
    filters: [{ name: 'Gradus projects', extensions: ['gradus'] }, allFiles],
  },
}

/**
 * Lets the user of the window with these contents choose; null where they cancel.
 * @param allow makes the chosen path into a token.
 */
export async function choose(
  contents: WebContents,
  kind: z.infer<typeof choiceKind>,
  allow: (path: string) => Promise<string>,
): Promise<ChosenFile | null> {
  const window = BrowserWindow.fromWebContents(contents)
  if (window === null) return null
  const { canceled, filePaths } = await dialog.showOpenDialog(window, dialogs[kind])
  const [path] = filePaths
  return canceled || path === undefined ? null : { fileToken: await allow(path), name: basename(path) }
}
