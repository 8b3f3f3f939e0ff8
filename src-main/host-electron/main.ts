import { join } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, MessageChannelMain, protocol, session } from 'electron'
import type { WebContents, WebFrameMain } from 'electron'
import { builtRenderer, readRendererFiles } from '../rendererFiles.ts'
import { superviseBackend } from './backendSupervisor.ts'
import { channels, pageAddress, scheme } from './channels.ts'
import { prepareSession } from './contentSession.ts'
import { choiceKind, choose } from './dialogs.ts'
import { setMenu } from './menu.ts'
import { confine, openWindow } from './window.ts'

const projectSwitch = '--project='
const readProject = (words: readonly string[]): string | null =>
  words.find((word) => word.startsWith(projectSwitch))?.slice(projectSwitch.length) ?? null

/** True for our own page as a whole; nothing else may ask main for anything. */
const isOurs = ({
  sender,
  senderFrame,
}: {
  sender: WebContents
  senderFrame: WebFrameMain | null
}): boolean =>
  senderFrame !== null && senderFrame === sender.mainFrame && senderFrame.url.startsWith(pageAddress)

const developerTools = process.env['GRADUS_DEVELOPER'] === '1'
const home = process.env['GRADUS_HOME']
if (home !== undefined && home !== '') app.setPath('userData', join(home, 'electron'))

const backend = superviseBackend(
  (reason) => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.send(channels.backendGone, reason)
  },
  (error) => dialog.showErrorBox('The project was not opened', error.message),
)

app.enableSandbox()
protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }])
app.on('web-contents-created', (_, contents) => confine(contents))

ipcMain.on(channels.requestPort, (event) => {
  if (!isOurs(event)) return
  const { port1, port2 } = new MessageChannelMain()
  backend.connect(port1)
  event.sender.postMessage(channels.port, null, [port2])
})
ipcMain.handle(channels.choose, async (event, kind: unknown) => {
  if (!isOurs(event)) return null
  return choose(event.sender, choiceKind.parse(kind), (path) => backend.allow(path))
})

let backendHasEnded = false
app.on('window-all-closed', () => app.quit())
// Every window has gone by now and has said what it had to say; the backend stores it before the program ends.
app.on('will-quit', (event) => {
  if (backendHasEnded) return
  event.preventDefault()
  void backend.close().finally(() => {
    backendHasEnded = true
    app.quit()
  })
})

async function start(): Promise<void> {
  await app.whenReady()
  prepareSession(session.defaultSession, readRendererFiles(builtRenderer), {
    allowDeveloperTools: developerTools,
  })
  setMenu({ developerTools })
  backend.open(readProject(process.argv))
  openWindow({ developerTools })
}

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', (_, words) => {
    const project = readProject(words)
    if (project !== null) backend.open(project)
    const [window] = BrowserWindow.getAllWindows()
    if (window?.isMinimized() === true) window.restore()
    window?.focus()
  })
  start().catch((thrown: unknown) => {
    console.error(thrown)
    app.exit(2)
  })
} else {
  backendHasEnded = true
  app.quit()
}
