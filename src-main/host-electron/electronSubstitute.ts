import { EventEmitter } from 'node:events'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { endWord } from './utilityThread.ts'

// What the shell uses of Electron, for tests: it keeps what was asked for, and wires ports and processes for real,
// with Node's message channels and threads.

/** All that the shell has asked for. */
export const asked = {
  order: [] as string[],
  schemes: [] as unknown[],
  windows: [] as BrowserWindow[],
  forks: [] as { path: string; options: unknown; process: UtilityProcess }[],
  menu: null as unknown,
  errorBoxes: [] as string[],
  dialogs: [] as unknown[],
  ended: false,
}
/** What the next dialog answers. */
export const nextChoice = { canceled: true, filePaths: [] as string[] }
/** What the next question answers: the number of a button. */
export const nextResponse = { response: 0 }

class MessagePortMain {
  readonly real: MessagePort
  constructor(real: MessagePort) {
    this.real = real
  }
}
class MessageChannelMain {
  readonly port1: MessagePortMain
  readonly port2: MessagePortMain
  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new MessagePortMain(port1)
    this.port2 = new MessagePortMain(port2)
  }
}

/** What runs instead of a program: the backend itself for the backend, and the worker of the jobs' tests for workers. */
function programOf(path: string): URL {
  return new URL(
    path.endsWith('electron-backend.js') ? 'backendProcess.ts' : '../jobs/testWorker.ts',
    import.meta.url,
  )
}

/** Runs the program of a utility process in a thread. */
class UtilityProcess extends EventEmitter {
  readonly #thread: Worker
  constructor(path: string) {
    super()
    this.#thread = new Worker(new URL('utilityThread.ts', import.meta.url), {
      workerData: { program: programOf(path).href },
    })
    this.#thread.on('message', (message: unknown) => this.emit('message', message))
    this.#thread.once('exit', (code) => this.emit('exit', code))
    this.#thread.once('error', (error) => console.error(error))
  }
  postMessage(data: unknown, ports: MessagePortMain[] = []): void {
    const real = ports.map((port) => port.real)
    this.#thread.postMessage({ data, ports: real }, real)
  }
  kill(): boolean {
    this.#thread.postMessage(endWord)
    return true
  }
}
const utilityProcess = {
  fork(path: string, _args: string[], options: unknown): UtilityProcess {
    const process = new UtilityProcess(path)
    asked.forks.push({ path, options, process })
    return process
  },
}

class WebContents extends EventEmitter {
  readonly mainFrame = { url: '' }
  readonly ports: MessagePort[] = []
  openHandler: ((details: unknown) => unknown) | null = null
  setWindowOpenHandler(handler: (details: unknown) => unknown): void {
    this.openHandler = handler
  }
  send(channel: string, ...words: unknown[]): void {
    ipcRenderer.emit(channel, { ports: [] }, ...words)
  }
  postMessage(channel: string, message: unknown, ports: MessagePortMain[]): void {
    const real = ports.map((port) => port.real)
    this.ports.push(...real)
    ipcRenderer.emit(channel, { ports: real }, message)
  }
}
class BrowserWindow extends EventEmitter {
  readonly options: unknown
  readonly webContents = new WebContents()
  shown = false
  focused = 0
  reloaded = 0
  static getAllWindows = (): BrowserWindow[] => asked.windows
  static fromWebContents = (contents: unknown): BrowserWindow | null =>
    asked.windows.find((window) => window.webContents === contents) ?? null
  constructor(options: unknown) {
    super()
    this.options = options
    asked.windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }
  loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url
    setImmediate(() => this.emit('ready-to-show'))
    return Promise.resolve()
  }
  show(): void {
    this.shown = true
  }
  focus(): void {
    this.focused++
  }
  reload(): void {
    this.reloaded++
  }
  restore(): void {
    this.shown = true
  }
  maximize(): void {
    this.shown = true
  }
  isMinimized = (): boolean => false
  isMaximized = (): boolean => false
  getNormalBounds = (): unknown => ({ x: 0, y: 0, width: 1000, height: 700 })
  /** The page ends with its window, and its ports with the page. */
  close(): void {
    this.emit('close', {})
    for (const port of this.webContents.ports) port.close()
    asked.windows.splice(asked.windows.indexOf(this), 1)
    this.emit('closed')
  }
}

const paths: Record<string, string> = {}
const app = Object.assign(new EventEmitter(), {
  setPath(name: string, path: string): void {
    paths[name] = path
  },
  getPath: (name: string): string => paths[name] ?? '',
  enableSandbox: (): void => void asked.order.push('sandbox'),
  requestSingleInstanceLock: (): boolean => true,
  whenReady: (): Promise<void> => {
    asked.order.push('ready')
    return Promise.resolve()
  },
  /** As Electron does: windows close first, then whoever listens may hold the end up. */
  quit(): void {
    for (const window of [...asked.windows]) window.close()
    const holders: string[] = []
    app.emit('will-quit', { preventDefault: () => holders.push('somebody') })
    if (holders.length === 0) {
      asked.ended = true
      app.emit('ended')
    }
  },
  exit: (code: number): void => {
    throw new Error(`The shell gave up with ${code}`)
  },
})

type Handle = (request: { url: string; method: string }) => Response
const handlers: Record<string, Handle> = {}
const permissions: Record<string, (...words: never[]) => unknown> = {}

/** The session of all windows, with what was set on it. */
export const defaultSession = Object.assign(new EventEmitter(), {
  handlers,
  protocol: {
    handle(scheme: string, handler: Handle): void {
      handlers[scheme] = handler
    },
  },
  beforeRequest: null as
    ((details: { url: string }, answer: (decision: { cancel: boolean }) => void) => void) | null,
  webRequest: {
    onBeforeRequest(listener: typeof defaultSession.beforeRequest): void {
      defaultSession.beforeRequest = listener
    },
  },
  permissions,
  setPermissionRequestHandler(handler: (...words: never[]) => unknown): void {
    permissions['request'] = handler
  },
  setPermissionCheckHandler(handler: (...words: never[]) => unknown): void {
    permissions['check'] = handler
  },
  setDevicePermissionHandler(handler: (...words: never[]) => unknown): void {
    permissions['device'] = handler
  },
})

type Invoked = (event: unknown, ...words: unknown[]) => unknown
const invoked = new Map<string, Invoked>()
export const ipcMain = Object.assign(new EventEmitter(), {
  handle: (channel: string, handler: Invoked): void => void invoked.set(channel, handler),
})
/** Where a message from the first window's page comes from. */
export const fromPage = (): unknown => {
  const contents = asked.windows[0]?.webContents
  return { sender: contents, senderFrame: contents?.mainFrame }
}
/** Asks main as a page would, from wherever `event` says. */
export const invokeAs = (event: unknown, channel: string, ...words: unknown[]): Promise<unknown> =>
  Promise.resolve(invoked.get(channel)?.(event, ...words))
const ipcRenderer = Object.assign(new EventEmitter(), {
  send: (channel: string, ...words: unknown[]): void => void ipcMain.emit(channel, fromPage(), ...words),
  invoke: (channel: string, ...words: unknown[]): Promise<unknown> => invokeAs(fromPage(), channel, ...words),
})

/** What the preload has given the page. */
export const exposed: Record<string, unknown> = {}

export const electron = {
  app,
  BrowserWindow,
  contextBridge: {
    exposeInMainWorld: (name: string, value: unknown): void => void (exposed[name] = value),
  },
  dialog: {
    showErrorBox: (title: string, text: string): void => void asked.errorBoxes.push(`${title}: ${text}`),
    showOpenDialog: (_window: unknown, options: unknown): Promise<unknown> => {
      asked.dialogs.push(options)
      return Promise.resolve({ ...nextChoice })
    },
    showMessageBox: (): Promise<unknown> => Promise.resolve({ ...nextResponse }),
  },
  ipcMain,
  ipcRenderer,
  Menu: {
    buildFromTemplate: (template: unknown): unknown => template,
    setApplicationMenu: (menu: unknown): void => void (asked.menu = menu),
  },
  MessageChannelMain,
  protocol: {
    registerSchemesAsPrivileged(schemes: unknown[]): void {
      asked.order.push('schemes')
      asked.schemes = schemes
    },
  },
  session: { defaultSession },
  utilityProcess,
}
