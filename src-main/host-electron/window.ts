import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, BrowserWindow, dialog, type WebContents } from 'electron'
import { programRoot } from '../programRoot.ts'
import { pageAddress } from './channels.ts'
import { readWindowState, writeWindowState } from './windowState.ts'

/** Keeps a page where it is: it can neither go elsewhere, nor open windows, nor embed other pages. */
export function confine(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

/** Asks before showing the page again, so that a page that crashes at once does not do so for ever. */
async function offerReload(window: BrowserWindow, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: `The window's process ended (${reason}).`,
    detail: 'Every rating that was shown as stored is kept.',
    buttons: ['Open it again', 'Quit'],
    cancelId: 1,
  })
  if (response === 0) window.reload()
  else app.quit()
}

/** Opens the window: sandboxed, isolated, without Node. */
export function openWindow({ developerTools }: { developerTools: boolean }): BrowserWindow {
  const statePath = join(app.getPath('userData'), 'window.json')
  const { width, height, maximised } = readWindowState(statePath)
  const window = new BrowserWindow({
    width,
    height,
    minWidth: 720,
    minHeight: 480,
    title: 'Gradus',
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload: fileURLToPath(new URL('out/preload/preload.cjs', programRoot)),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // Elsewhere than on macOS Chromium would fetch its dictionaries from the network.
      spellcheck: process.platform === 'darwin',
      devTools: developerTools,
    },
  })
  if (maximised) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    const size = window.getNormalBounds()
    writeWindowState(
      statePath,
      { width: size.width, height: size.height, maximised: window.isMaximized() },
      (thrown) => console.error(thrown),
    )
  })
  window.webContents.on('render-process-gone', (_, { reason }) => {
    if (reason !== 'clean-exit') void offerReload(window, reason)
  })
  void window.loadURL(pageAddress)
  return window
}
