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
/** Which way and how many threads are fastest is tried in turns; the best turn counts. */
const trialRounds = 2
const trialEpochs = quick ? 1 : 2
const { maximumEpochs } = trainingConfiguration.parse({})

const answer = z.object({ seconds: z.number(), megabytes: z.number() })

/** Our training in a process of its own. */
interface OwnProcess {
  readonly threads: number
  train(epochs: number): Promise<z.infer<typeof answer>>
  close(): void
  /** Seconds of one epoch in the trial. */
  trial: number
}

async function ours(threads: number): Promise<OwnProcess> {
  const path = fileURLToPath(new URL('./ensembleProcess.ts', import.meta.url))
  const child = fork(path, [rows, dimension, threads].map(String))
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The training process ended with code ${String(code)}.`)
  })
  const next = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as unknown[]
    return message
  }
  await next()
  return {
    threads,
    async train(epochs) {
      const message = next()
      child.send(epochs)
      return answer.parse(await message)
    },
    close: () => void child.kill(),
    trial: Infinity,
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
  const processes: OwnProcess[] = []
  try {
    for (const threads of threadCounts) processes.push(await ours(threads))
    const rivals: Rival[] = []
    for (const threads of threadCounts) {
      const peer = await startPeer('ensemble.py', threads, [String(rows)])
      if (typeof peer === 'string') {
        skipped(name, peer)
        return
      }
      peers.push(peer)
      rivals.push(...ways.map((way) => ({ way, threads, peer, trial: Infinity })))
    }
    const seconds = async ({ way, peer }: Rival, epochs: number): Promise<number> =>
      ((await peer.ask(`${way} ${epochs}`))[0] ?? NaN) / epochs
    // The first round only warms up.
    for (let round = 0; round <= trialRounds; round++) {
      const epochs = round === 0 ? 1 : trialEpochs
      const note = (contestant: { trial: number }, taken: number): void => {
        if (round > 0) contestant.trial = Math.min(contestant.trial, taken)
      }
      for (const own of processes) note(own, (await own.train(epochs)).seconds / epochs)
      for (const rival of rivals) note(rival, await seconds(rival, epochs))
    }
    const least = <Timed extends { trial: number }>(all: readonly Timed[]): Timed | undefined =>
      all.toSorted((one, other) => one.trial - other.trial)[0]
    const [own, fastest] = [least(processes), least(rivals)]
    if (own === undefined || fastest === undefined) return

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
        ...processes.map(({ threads, trial }) => [
          'Gradus',
          String(threads),
          (maximumEpochs * trial).toFixed(1),
          `best ${trialEpochs} epochs of ${trialRounds} trials, scaled`,
        ]),
        ...rivals.map(({ way, threads, trial }) => [
          `PyTorch, ${way}`,
          String(threads),
          (maximumEpochs * trial).toFixed(1),
          `best ${trialEpochs} epochs of ${trialRounds} trials, scaled`,
        ]),
      ],
    )
    const turns = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(' ')
    console.log(`seconds an epoch, by turn: Gradus ${turns(ourTurns)}; PyTorch ${turns(theirTurns)}`)
    console.log(`peak memory of the training process: ${megabytes.toFixed(0)} MB`)
    target(name, whole(ourTurns) / whole(theirTurns), '<=', 1, 2)
  } finally {
    for (const own of processes) own.close()
    for (const peer of peers) await peer.close()
  }
}
