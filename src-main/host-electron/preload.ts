import { contextBridge, ipcRenderer } from 'electron'
import type { ChosenFile, GradusBridge, portMessage } from '#shared/contract/host.ts'
import { channels } from './channels.ts'

/** The part of the page's window that is used here; this folder knows no DOM. */
declare const window: { postMessage(message: string, target: string, ports: unknown[]): void }

const message: typeof portMessage = 'gradus:port'
const choose = (kind: 'import' | 'folder' | 'project'): Promise<ChosenFile | null> =>
  ipcRenderer.invoke(channels.choose, kind) as Promise<ChosenFile | null>

// Ports cannot pass the bridge; a message to the own window carries them over.
ipcRenderer.on(channels.port, ({ ports }) => window.postMessage(message, '*', [...ports]))

const bridge: GradusBridge = {
  host: 'electron',
  requestPort: () => ipcRenderer.send(channels.requestPort),
  onBackendGone: (listener) =>
    void ipcRenderer.on(channels.backendGone, (_, reason) => listener(String(reason))),
  chooseImportFile: () => choose('import'),
  chooseFolder: () => choose('folder'),
  chooseProjectFile: () => choose('project'),
}
contextBridge.exposeInMainWorld('gradus', bridge)
