import { mkdir } from 'node:fs/promises'
import { GradusError } from '#shared/contract/errors.ts'

/** Makes a folder where it is missing. @throws GradusError `file-unwritable`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new GradusError(
      'file-unwritable',
      `The folder ${folder} cannot be made: choose another one.`,
      { folder },
      cause,
    )
  }
}
