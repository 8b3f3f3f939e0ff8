import { errorShape, GradusError } from '#shared/contract/errors.ts'
import {
  chosenFile,
  portMessage,
  webPaths,
  type ChosenFile,
  type GradusBridge,
} from '#shared/contract/host.ts'
import { decodeMessage, encodeMessage } from '#shared/rpc/codec.ts'
import type { Port } from '#shared/rpc/port.ts'

// The only file that knows in which host the window stands: Electron (a bridge) or an ordinary browser (a WebSocket).

declare global {
  interface Window {
    readonly gradus?: GradusBridge
  }
}

export interface ChosenFolder {
  readonly folderToken: string
  readonly name: string
}

const disconnected = 'The program could not be reached on this machine. Start it again, then reconnect.'

/** True where folders can be chosen; elsewhere results come as downloads and `folderToken` is null. */
export const canChooseFolder = (): boolean => window.gradus !== undefined

function portOfMessagePort(raw: MessagePort, bridge: GradusBridge): Port {
  let close: () => void = () => undefined
  bridge.onBackendGone(() => close())
  return {
    post: (message) => raw.postMessage(message),
    onMessage(listener) {
      raw.onmessage = (event: MessageEvent<unknown>) => listener(event.data)
    },
    onClose(listener) {
      close = listener
      raw.addEventListener('close', listener)
    },
    close: () => raw.close(),
  }
}

function openBridgePort(bridge: GradusBridge): Promise<Port> {
  return new Promise((resolve) => {
    const receive = (event: MessageEvent<unknown>): void => {
      const raw = event.ports[0]
      if (event.source !== window || event.data !== portMessage || raw === undefined) return
      window.removeEventListener('message', receive)
      resolve(portOfMessagePort(raw, bridge))
    }
    window.addEventListener('message', receive)
    bridge.requestPort()
  })
}

function openSocketPort(): Promise<Port> {
  const address = new URL(webPaths.socket, window.location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address)
  socket.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new GradusError('disconnected', disconnected))
    socket.onopen = () =>
      resolve({
        post: (message) => socket.send(encodeMessage(message)),
        onMessage(listener) {
          socket.onmessage = (event: MessageEvent<ArrayBuffer>) => listener(decodeMessage(event.data))
        },
        onClose(listener) {
          socket.onclose = listener
        },
        close: () => socket.close(),
      })
  })
}

/** Opens a connection to the backend. Rejects with `disconnected` where there is none. */
export function openPort(): Promise<Port> {
  return window.gradus === undefined ? openSocketPort() : openBridgePort(window.gradus)
}

function pickFile(accept: string): Promise<File | null> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null))
    input.addEventListener('cancel', () => resolve(null))
    input.click()
  })
}

/** XMLHttpRequest rather than fetch, because fetch cannot tell how far an upload is. */
function upload(
  file: File,
  kind: 'import' | 'project',
  onProgress: (share: number) => void,
): Promise<ChosenFile> {
  const address = new URL(webPaths.upload, window.location.href)
  address.searchParams.set('name', file.name)
  if (kind === 'project') address.searchParams.set('as', 'project')
  const request = new XMLHttpRequest()
  return new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.total === 0 ? 1 : event.loaded / event.total)
    request.onerror = () => reject(new GradusError('disconnected', disconnected))
    request.onload = () => {
      try {
        const answer: unknown = JSON.parse(request.responseText)
        if (request.status < 400) resolve(chosenFile.parse(answer))
        else {
          const error = errorShape.parse(answer)
          reject(new GradusError(error.code, error.message, error.details))
        }
      } catch (thrown) {
        reject(
          new GradusError(
            'unexpected',
            `${file.name} was not taken: the program gave an answer that cannot be read.`,
            undefined,
            thrown,
          ),
        )
      }
    }
    request.open('POST', address)
    request.send(file)
  })
}

async function chooseFile(
  kind: 'import' | 'project',
  accept: string,
  onProgress: (share: number) => void,
): Promise<ChosenFile | null> {
  if (window.gradus !== undefined)
    return kind === 'import' ? window.gradus.chooseImportFile() : window.gradus.chooseProjectFile()
  const file = await pickFile(accept)
  return file === null ? null : upload(file, kind, onProgress)
}

/**
 * Asks for a file with pairs; null where the user cancels.
 * @param onProgress is given the share uploaded, 0–1, in the web host only.
 */
export function chooseImportFile(
  onProgress: (share: number) => void = () => undefined,
): Promise<ChosenFile | null> {
  return chooseFile('import', '.csv,.tsv,.txt,.jsonl,.ndjson', onProgress)
}

/** True where a file that is dropped on the window can be taken: the browser uploads it. */
export const canDropFile = (): boolean => window.gradus === undefined

/** Takes a dropped file with pairs, in the web host. `onProgress` as in chooseImportFile. */
export function uploadImportFile(file: File, onProgress: (share: number) => void): Promise<ChosenFile> {
  return upload(file, 'import', onProgress)
}

/** Asks for a project file; null where the user cancels. `onProgress` as in chooseImportFile. */
export function chooseProjectFile(
  onProgress: (share: number) => void = () => undefined,
): Promise<ChosenFile | null> {
  return chooseFile('project', '.gradus', onProgress)
}

/** Asks for a file that a rater has worked in, which is to be merged; null where the user cancels. */
export async function chooseWorkFile(): Promise<ChosenFile | null> {
  if (window.gradus !== undefined) return window.gradus.chooseProjectFile()
  const file = await pickFile('.gradus')
  // Read once and not kept, as a file of pairs is.
  return file === null ? null : upload(file, 'import', () => undefined)
}

/** Asks for a folder; null where the user cancels and in the web host, where results come as downloads. */
export async function chooseFolder(): Promise<ChosenFolder | null> {
  const chosen = await window.gradus?.chooseFolder()
  return chosen === undefined || chosen === null ? null : { folderToken: chosen.fileToken, name: chosen.name }
}
