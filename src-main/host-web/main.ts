import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import { exitOnFatal } from '../exitOnFatal.ts'
import { createForkWorker } from '../jobs/forkWorker.ts'
import { openAtStart } from '../openAtStart.ts'
import { builtEntries } from '../programRoot.ts'
import { builtRenderer, readRendererFiles } from '../rendererFiles.ts'
import { hasDisplay, openBrowser } from './openBrowser.ts'
import { startWebHost, type WebHost } from './webHost.ts'

export interface WebProgramOptions {
  /** The path of the project to open. */
  readonly project: string | undefined
  /** A port of 127.0.0.1; null for the usual one, or any that is free where that is taken. */
  readonly port: number | null
  /** Whether to show the page, where there is a display. */
  readonly open: boolean
}

/** The same at every start, because a browser keeps what it remembers (who is at work) by address and port. */
const usualPort = 47_187

async function serve(port: number | null): Promise<WebHost> {
  const startAt = (chosen: number): Promise<WebHost> =>
    startWebHost({
      files: readRendererFiles(builtRenderer),
      startWorker: createForkWorker(builtEntries),
      port: chosen,
    })
  if (port !== null) return startAt(port)
  try {
    return await startAt(usualPort)
  } catch (thrown) {
    if (thrown instanceof GradusError && thrown.code === 'bad-options') return startAt(0)
    throw thrown
  }
}

/**
 * Serves the program to the ordinary browser until it is interrupted: prints the address, and ends the backend before
 * the process. Resolves once it serves.
 * @throws GradusError where the named project cannot be opened or nothing can be served.
 */
export async function runWebHost({ project, port, open }: WebProgramOptions): Promise<void> {
  const host = await serve(port)
  let ending = false
  const end = (code: number): void => {
    // Whoever asks twice does not want to wait.
    if (ending) process.exit(code)
    ending = true
    void host.close().finally(() => process.exit(code))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
  exitOnFatal((thrown, where) => host.backend.context.log(thrown, where))

  try {
    await openAtStart(host.backend, project)
  } catch (thrown) {
    if (project !== undefined) {
      await host.close()
      throw thrown
    }
    const { code, message } = toErrorShape(thrown)
    if (code === 'unexpected') host.backend.context.log(thrown, 'opening the last project')
    console.error(message)
  }
  console.log(`Gradus runs at ${host.address}`)
  console.log('Open this address in a browser on this machine; Ctrl+C ends the program.')
  if (open && hasDisplay()) openBrowser(host.addressForOnce())
}
