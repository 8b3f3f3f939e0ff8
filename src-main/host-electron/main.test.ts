import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { toErrorShape } from '#shared/contract/errors.ts'
import { portMessage, type GradusBridge } from '#shared/contract/host.ts'
import { contract, type AppContract } from '#shared/contract/index.ts'
import { createClient, type Client } from '#shared/rpc/client.ts'
import { channels, pageAddress } from './channels.ts'
import {
  asked,
  defaultSession,
  electron,
  exposed,
  fromPage,
  invokeAs,
  ipcMain,
  nextChoice,
  nextResponse,
} from './electronSubstitute.ts'

const { renderer } = vi.hoisted(() => ({ renderer: { folder: '' } }))
vi.mock('electron', async () => (await import('./electronSubstitute.ts')).electron)
vi.mock('../rendererFiles.ts', async (original) => ({
  ...(await original<typeof import('../rendererFiles.ts')>()),
  get builtRenderer() {
    return renderer.folder
  },
}))

let home: string
const page = new EventEmitter()
const bridge = (): GradusBridge => exposed['gradus'] as GradusBridge

/** What the page does: asks for a port and speaks the contract over it. */
async function connect(): Promise<Client<AppContract>> {
  const arriving = once(page, 'message') as Promise<[{ data: unknown; ports: MessagePort[] }]>
  bridge().requestPort()
  const [{ data, ports }] = await arriving
  const [port] = ports
  if (data !== portMessage || port === undefined) throw new Error('No port has come')
  return createClient(contract, {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
    onClose: (listener) => void port.once('close', listener),
    close: () => port.close(),
  })
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gradus-electron-'))
  renderer.folder = join(home, 'renderer')
  mkdirSync(renderer.folder)
  mkdirSync(join(home, 'electron'))
  writeFileSync(join(renderer.folder, 'index.html'), '<!doctype html>')
  vi.stubEnv('GRADUS_HOME', home)
  vi.stubGlobal('window', {
    postMessage: (data: unknown, _target: string, ports: MessagePort[]) =>
      page.emit('message', { data, ports }),
  })
  await import('./main.ts')
  await vi.waitUntil(() => asked.windows[0]?.shown)
  await import('./preload.ts')
})
afterAll(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  rmSync(home, { recursive: true, force: true })
})

describe('the shell asks for', () => {
  it('the sandbox and its own scheme before it is ready', () => {
    expect({ order: asked.order, schemes: asked.schemes }).toEqual({
      order: ['sandbox', 'schemes', 'ready'],
      schemes: [{ scheme: 'gradus', privileges: { standard: true, secure: true } }],
    })
  })

  it('one window, isolated, without Node', () => {
    expect(asked.windows.map(({ options, webContents }) => [options, webContents.mainFrame.url])).toEqual([
      [
        {
          width: 1280,
          height: 820,
          minWidth: 720,
          minHeight: 480,
          title: 'Gradus',
          show: false,
          autoHideMenuBar: true,
          webPreferences: {
            preload: expect.stringMatching(/out.preload.preload\.cjs$/),
            sandbox: true,
            contextIsolation: true,
            nodeIntegration: false,
            nodeIntegrationInWorker: false,
            nodeIntegrationInSubFrames: false,
            webSecurity: true,
            allowRunningInsecureContent: false,
            webviewTag: false,
            navigateOnDragDrop: false,
            spellcheck: process.platform === 'darwin',
            devTools: false,
          },
        },
        pageAddress,
      ],
    ])
  })

  it('a page that cannot go elsewhere, open windows or embed pages', () => {
    const contents = asked.windows[0]!.webContents
    const leaving = ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']
    const prevented: string[] = []
    for (const name of leaving)
      contents.emit(name, { preventDefault: () => prevented.push(name) }, 'https://evil.example')
    expect([prevented, contents.openHandler?.({ url: 'https://evil.example' })]).toEqual([
      leaving,
      { action: 'deny' },
    ])
  })

  it('no permission, no device, no download', () => {
    const granted: unknown[] = []
    const { request, check, device } = defaultSession.permissions as Record<
      string,
      (...words: unknown[]) => unknown
    >
    request!(null, 'media', (decision: boolean) => granted.push(decision))
    granted.push(check!(null, 'media'), device!({}))
    defaultSession.emit('will-download', { preventDefault: () => granted.push('download stopped') })
    expect(granted).toEqual([false, false, false, 'download stopped'])
  })

  it('nothing from the network', () => {
    const cancelled = [
      'https://example.com',
      'file:///etc/passwd',
      'devtools://x',
      'gradus://other/',
      pageAddress,
    ].map((url) => {
      let decision: unknown
      defaultSession.beforeRequest?.({ url }, ({ cancel }) => (decision = cancel))
      return decision
    })
    expect(cancelled).toEqual([true, true, true, true, false])
  })

  it('a menu with the editing roles and without reload or developer tools', () => {
    const text = JSON.stringify(asked.menu)
    const roles = [...text.matchAll(/"role":"(\w+)"/g)].map(([, role]) => role)
    expect({
      editing: ['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll'].every((role) => roles.includes(role)),
      others: roles.filter((role) => /reload|devtools/i.test(role ?? '')),
    }).toEqual({ editing: true, others: [] })
  })
})

describe('the page', () => {
  const get = (url: string, method = 'GET'): Response => defaultSession.handlers['gradus']!({ url, method })

  it('comes under a strict Content-Security-Policy', async () => {
    const answer = get(pageAddress)
    expect([answer.status, await answer.text(), Object.fromEntries(answer.headers)]).toEqual([
      200,
      '<!doctype html>',
      {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
          "connect-src 'self'; object-src 'none'; frame-src 'none'; frame-ancestors 'none'; worker-src 'none'; " +
          "base-uri 'none'; form-action 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      },
    ])
  })

  it('has nothing beside it', () => {
    const statuses = [
      get('gradus://app/../package.json'),
      get('gradus://app/%2e%2e/package.json'),
      get('gradus://app/..%2fpackage.json'),
      get('gradus://other/index.html'),
      get(pageAddress, 'POST'),
    ].map(({ status }) => status)
    expect(statuses).toEqual([404, 404, 404, 404, 404])
  })

  it('is offered again when its process has ended, and the choice is the user’s', async () => {
    const [window] = asked.windows
    nextResponse.response = 0
    window!.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    await vi.waitUntil(() => window!.reloaded > 0)
    window!.webContents.emit('render-process-gone', {}, { reason: 'clean-exit' })
    expect(window!.reloaded).toBe(1)
  })

  it('holds a few functions and nothing else', () => {
    expect(Object.keys(exposed)).toEqual(['gradus'])
    expect(Object.keys(bridge()).sort()).toEqual([
      'chooseFolder',
      'chooseImportFile',
      'chooseProjectFile',
      'host',
      'onBackendGone',
      'requestPort',
    ])
  })
})

describe('a window and its backend', () => {
  it('speak the contract over a port: the first start shows the sample project', async () => {
    const client = await connect()
    const [overview, facts] = await Promise.all([
      client.call('project.current', {}),
      client.call('program.facts', {}),
    ])
    expect([overview?.fileName, facts.host, facts.folders.projects]).toEqual([
      'Sample.gradus',
      'electron',
      join(home, 'projects'),
    ])
    client.close()
  })

  it('are kept from pages that are not ours', async () => {
    const contents = asked.windows[0]!.webContents
    const strangers = [
      { sender: contents, senderFrame: { url: pageAddress } },
      { sender: contents, senderFrame: null },
    ]
    const before = contents.ports.length
    nextChoice.canceled = false
    nextChoice.filePaths = [join(home, 'secret.csv')]
    for (const stranger of strangers) ipcMain.emit(channels.requestPort, stranger)
    const chosen = await Promise.all(
      strangers.map((stranger) => invokeAs(stranger, channels.choose, 'import')),
    )
    const elsewhere = contents.mainFrame.url
    contents.mainFrame.url = 'https://evil.example/'
    ipcMain.emit(channels.requestPort, fromPage())
    chosen.push(await bridge().chooseImportFile())
    contents.mainFrame.url = elsewhere
    expect([chosen, contents.ports.length, asked.dialogs]).toEqual([[null, null, null], before, []])
  })

  it('exchange chosen paths for tokens', async () => {
    const path = join(home, 'pairs.csv')
    writeFileSync(path, 'premise,hypothesis\na,b\n')
    nextChoice.canceled = true
    nextChoice.filePaths = []
    expect(await Promise.all([bridge().chooseImportFile(), bridge().chooseFolder()])).toEqual([null, null])
    nextChoice.canceled = false
    nextChoice.filePaths = [path]
    const chosen = await bridge().chooseImportFile()
    const client = await connect()
    const preview = await client.call('imports.preview', { fileToken: chosen!.fileToken })
    expect([chosen, preview.columnNames]).toEqual([
      { name: 'pairs.csv', fileToken: expect.stringMatching(/^[0-9a-f]{32}$/) },
      ['premise', 'hypothesis'],
    ])
    await expect(invokeAs(fromPage(), channels.choose, 'anything')).rejects.toThrow()
    client.close()
  })

  it('work in processes that main starts, which answer and are ended', async () => {
    const client = await connect()
    const ended = new Promise((resolve) => {
      client.on('job', (job) => {
        if (job.outcome.status !== 'running') resolve(job.outcome)
      })
    })
    const forked = asked.forks.length
    await client.call('train.start', { configuration: {} })
    const worker = await vi.waitUntil(() => asked.forks[forked], 20_000)
    const gone = once(worker.process, 'exit')
    // The substitute's worker knows other methods than a real one: its refusal shows that calls go there and back.
    expect([worker.path, await ended]).toEqual([
      expect.stringMatching(/encode\.worker\.[jt]s$/),
      { status: 'failed', error: { code: 'bad-request', message: 'There is no method encode.' } },
    ])
    await gone
    client.close()
  })

  it('outlive a crash of the backend: the window is told, and the next connection starts it anew', async () => {
    const client = await connect()
    const { fileName } = (await client.call('project.current', {}))!
    const told = new Promise((resolve) => bridge().onBackendGone(resolve))
    asked.forks.findLast(({ path }) => path.endsWith('electron-backend.js'))!.process.kill()
    await client.closed
    expect(await told).toMatch(/^The program's backend ended unexpectedly/)
    expect(await client.call('project.current', {}).catch(toErrorShape)).toMatchObject({
      code: 'disconnected',
    })
    const again = await connect()
    expect((await again.call('project.current', {}))?.fileName).toBe(fileName)
    again.close()
  })

  it('open what a second start names, and say where that fails', async () => {
    electron.app.emit('second-instance', {}, ['gradus', `--project=${join(home, 'missing.gradus')}`])
    await vi.waitUntil(() => asked.errorBoxes.length > 0)
    expect([asked.errorBoxes, asked.windows[0]!.focused]).toEqual([
      [expect.stringMatching(/^The project was not opened: .*missing\.gradus/)],
      1,
    ])
  })
})

describe('quitting', () => {
  it('waits for a rating in flight, which is stored', async () => {
    const client = await connect()
    const project = (await client.call('project.current', {}))!
    const rater = await client.call('rater.create', { name: 'In flight' })
    const who = { raterId: rater.id, queue: 'order' as const }
    const { next } = await client.call('annotate.next', who)
    const committed = client
      .call('annotate.commit', {
        ...who,
        pairId: next!.pair.id,
        answer: { kind: 'score', value: 0.25, rawPosition: 0.25 },
        note: null,
        timing: { timeToFirstTouch: 100, timeToCommit: 200, changeCount: 1 },
        orderShown: next!.orderShown,
        shownBecause: next!.shownBecause,
        suggestionId: next!.suggestionId,
      })
      .catch(toErrorShape)
    const ended = once(electron.app, 'ended')
    electron.app.quit()
    await Promise.all([ended, committed])

    const database = new Database(join(home, 'projects', project.fileName), { readonly: true })
    const stored = database
      .prepare('SELECT pair_id AS pairId, score FROM rating WHERE rater_id = ?')
      .all(rater.id)
    database.close()
    expect([stored, asked.ended]).toEqual([[{ pairId: next!.pair.id, score: 0.25 }], true])
  })
})
