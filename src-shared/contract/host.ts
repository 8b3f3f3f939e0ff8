import { z } from 'zod'

/** A file or folder that the user chose. The window holds a token for it, never its path. */
export const chosenFile = z.object({
  fileToken: z.string(),
  /** The last part of its path, to be shown. */
  name: z.string(),
})
export type ChosenFile = z.infer<typeof chosenFile>

/**
 * What Electron's preload puts at `window.gradus`; absent in an ordinary browser. The `choose…` functions open a native
 * dialog and give null where the user cancels it.
 */
export interface GradusBridge {
  readonly host: 'electron'
  /**
   * Asks for a connection to the backend, which is started again where it has gone. The window then receives a `message`
   * event from itself whose `data` is `portMessage` and whose only port carries the contract's frames.
   */
  requestPort(): void
  /** Calls the listener whenever the backend process has gone, with a sentence that says how. */
  onBackendGone(listener: (reason: string) => void): void
  chooseImportFile(): Promise<ChosenFile | null>
  chooseFolder(): Promise<ChosenFile | null>
  chooseProjectFile(): Promise<ChosenFile | null>
}

/** What the window message that brings the port says. */
export const portMessage = 'gradus:port'

/**
 * Addresses of the web host; the session's cookie opens them and the browser sends it by itself.
 * - `socket`: a WebSocket with one encoded frame (`rpc/codec.ts`) in each binary message.
 * - `upload`: POST of a file's bytes with `?name=<file name>`, and `&as=project` for a project file, which is then kept in
 *   the projects folder; answers `chosenFile`, or an `ErrorShape` with a status of 400 and above.
 */
export const webPaths = { socket: '/socket', upload: '/upload' } as const
