import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const systemPython = '/usr/bin/python3'

/** A program of bench/peers that runs in a process of its own and waits for commands. */
export interface Peer {
  /** What runs: PyTorch, its BLAS, its threads. */
  readonly version: string
  /**
   * Gives one command and waits for its numbers.
   * @param answers how many numbers it answers with.
   * @throws where the program ends first, or answers with anything else.
   */
  ask(command: string, answers?: number): Promise<number[]>
  /** Ends the program, whatever it is doing. */
  close(): Promise<void>
}

/**
 * Starts a program of bench/peers.
 * @param program its file name, which gets `threads` and `words` as arguments.
 * @returns the peer, or the reason why there is none.
 */
export async function startPeer(
  program: string,
  threads: number,
  words: readonly string[] = [],
  python: string = systemPython,
): Promise<Peer | string> {
  if (!existsSync(python)) return `${python} is not installed`
  const path = fileURLToPath(new URL(`../peers/${program}`, import.meta.url))
  const count = String(threads)
  const child = spawn(python, ['-B', path, count, ...words], {
    env: {
      ...process.env,
      OMP_NUM_THREADS: count,
      OPENBLAS_NUM_THREADS: count,
      MKL_NUM_THREADS: count,
      // Threads that spin while they wait make PyTorch ten times slower wherever others want the processor, too.
      OMP_WAIT_POLICY: 'PASSIVE',
      // Meant for other versions of OpenBLAS, these make it use kernels of older processors.
      OPENBLAS_CORETYPE: undefined,
      OPENBLAS_L2_SIZE: undefined,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('close', (code, signal) => resolve(`it ended with ${signal ?? code ?? 'no code'}`))
  })
  // A write after its end fails, and the answer that does not come says so.
  child.stdin.on('error', () => undefined)
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const failure = async (): Promise<string> => {
    const how = await ended
    return `${program}: ${complaints.trim().split('\n').at(-1) ?? ''} (${how})`
  }

  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done === true) return failure()
  const [, word, rest] = /^(ready |skipped: )(.*)$/.exec(first.value) ?? []
  if (word !== 'ready ' || rest === undefined) {
    child.kill()
    await ended
    return rest ?? `${program} began with “${first.value}”`
  }
  return {
    version: rest,
    async ask(command, answers = 1) {
      child.stdin.write(`${command}\n`)
      const numbers: number[] = []
      while (numbers.length < answers) {
        const line = await lines.next()
        if (line.done === true) throw new Error(await failure())
        const number = Number(line.value)
        if (!Number.isFinite(number)) throw new Error(`${program} answered “${line.value}” to “${command}”`)
        numbers.push(number)
      }
      return numbers
    },
    async close() {
      child.kill()
      await ended
    },
  }
}
