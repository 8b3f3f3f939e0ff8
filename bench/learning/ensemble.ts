import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { trainingConfiguration } from '../../src-shared/domain/run.ts'
import { startPeer, type Peer } from '../support/peer.ts'
import { printTable } from '../support/tables.ts'
import { skipped, target } from '../support/targets.ts'
import { quick } from './quick.ts'

const name = 'ensemble-50-epochs-vs-pytorch'
const rows = quick ? 640 : 5749
const dimension = 384
const threadCounts = [1, 2]
const ways = ['loop', 'stacked', 'wide']
/** Epochs of a turn: enough that the first steps do not count. */
const epochsATurn = quick ? 2 : 10
const trialEpochs = quick ? 1 : 3
const { maximumEpochs } = trainingConfiguration.parse({})

const ready = z.object({ threads: z.number() })
const answer = z.object({ seconds: z.number(), megabytes: z.number() })

/** Our training in a process of its own. */
async function ours(): Promise<{
  threads: number
  train(epochs: number): Promise<z.infer<typeof answer>>
  close(): void
}> {
  const path = fileURLToPath(new URL('./ensembleProcess.ts', import.meta.url))
  const child = fork(path, [String(rows), String(dimension)])
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The training process ended with code ${String(code)}.`)
  })
  const next = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as unknown[]
    return message
  }
  const { threads } = ready.parse(await next())
  return {
    threads,
    async train(epochs) {
      const message = next()
      child.send(epochs)
      return answer.parse(await message)
    },
    close: () => void child.kill(),
  }
}

/** One way to do it in PyTorch, with what it was timed at. */
interface Rival {
  readonly way: string
  readonly threads: number
  readonly peer: Peer
  /** Seconds of one epoch in the trial. */
  trial: number
}

/** The default regression heads over as many pairs as STS-B train has, 50 epochs, in Gradus and in PyTorch. */
export async function ensemble(): Promise<void> {
  const peers: Peer[] = []
  const own = await ours()
  try {
    const rivals: Rival[] = []
    for (const threads of threadCounts) {
      const peer = await startPeer('ensemble.py', threads, [String(rows)])
      if (typeof peer === 'string') {
        skipped(name, peer)
        return
      }
      peers.push(peer)
      rivals.push(...ways.map((way) => ({ way, threads, peer, trial: NaN })))
    }
    const seconds = async ({ way, peer }: Rival, epochs: number): Promise<number> =>
      ((await peer.ask(`${way} ${epochs}`))[0] ?? NaN) / epochs
    for (const rival of rivals) {
      await seconds(rival, 1)
      rival.trial = await seconds(rival, trialEpochs)
    }
    const [fastest] = rivals.toSorted((one, other) => one.trial - other.trial)
    if (fastest === undefined) return

    // In turns, so that whatever else the machine does meets both; all 50 epochs of each.
    const [ourTurns, theirTurns]: [number[], number[]] = [[], []]
    let megabytes = 0
    for (let done = 0; done < maximumEpochs; done += epochsATurn) {
      const turn = await own.train(epochsATurn)
      ourTurns.push(turn.seconds / epochsATurn)
      megabytes = turn.megabytes
      theirTurns.push(await seconds(fastest, epochsATurn))
    }
    const whole = (turns: readonly number[]): number =>
      (maximumEpochs * turns.reduce((sum, turn) => sum + turn, 0)) / turns.length
    printTable(
      `Five regression heads, ${rows} pairs × ${4 * dimension + 1} features, ${maximumEpochs} epochs (${fastest.peer.version})`,
      [
        ['seconds', 'threads', `${maximumEpochs} epochs`, 'measured as'],
        ['Gradus', String(own.threads), whole(ourTurns).toFixed(1), `all, ${ourTurns.length} turns`],
        [
          `PyTorch, ${fastest.way}`,
          String(fastest.threads),
          whole(theirTurns).toFixed(1),
          `all, ${theirTurns.length} turns, new weights each`,
        ],
        ...rivals.map(({ way, threads, trial }) => [
          `PyTorch, ${way}`,
          String(threads),
          (maximumEpochs * trial).toFixed(1),
          `${trialEpochs} epochs, scaled`,
        ]),
      ],
    )
    const turns = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(' ')
    console.log(`seconds an epoch, by turn: Gradus ${turns(ourTurns)}; PyTorch ${turns(theirTurns)}`)
    console.log(`peak memory of the training process: ${megabytes.toFixed(0)} MB`)
    target(name, whole(ourTurns) / whole(theirTurns), '<=', 1, 2)
  } finally {
    own.close()
    for (const peer of peers) await peer.close()
  }
}
