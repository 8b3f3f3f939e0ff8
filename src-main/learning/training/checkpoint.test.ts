import { beforeAll, describe, expect, test } from 'vitest'
import type { HeadCurves } from '#shared/domain/run.ts'
import { readSafetensors, writeSafetensors } from '../../onnx/safetensors.ts'
import { integers } from '../../onnx/model.ts'
import { createListener, trainInput, type TestListener } from '../testTrainInput.ts'
import { train, type TrainOutput } from '../train.ts'
import { epochsIn, readCheckpoint, writeCheckpoint } from './checkpoint.ts'

/** Three epochs of regression, interaction, spread, nli and abstention, one after another. */
const configuration = { maximumEpochs: 3, interactionEpochs: 3 }

/** Trains until so many epochs of all heads are done, and gives the last checkpoint. */
async function cancelledAfter(epochs: number, checkpoint: Uint8Array | null = null): Promise<Uint8Array> {
  const listener = createListener(epochs)
  const training = train(trainInput(configuration, { checkpoint }), listener)
  await expect(training).rejects.toMatchObject({ code: 'cancelled' })
  expect(listener.epochs).toHaveLength(epochs)
  const last = listener.checkpoints.at(-1)
  expect(last?.epoch).toBe(epochs)
  return last!.state
}

async function resumed(checkpoint: Uint8Array): Promise<{ output: TrainOutput; listener: TestListener }> {
  const listener = createListener()
  return { output: await train(trainInput(configuration, { checkpoint }), listener), listener }
}

const plain = ({ report }: TrainOutput): object => ({ ...report, seconds: null })

describe('a training that was cancelled', () => {
  let whole: TrainOutput
  let told: TestListener
  beforeAll(async () => {
    told = createListener()
    whole = await train(trainInput(configuration), told)
  })

  test('has five heads here', () => {
    expect(whole.report.curves.map(({ head, epochs }) => [head, epochs.length])).toEqual([
      ['regression', 3],
      ['interaction', 3],
      ['spread', 3],
      ['nli', 3],
      ['abstention', 3],
    ])
  })

  // Within a head, at the end of one, and between two: the next begins with nothing done.
  test.each([1, 2, 3, 4, 5, 6, 8, 11, 14])('goes on after epoch %d to the same bytes', async (epochs) => {
    const { output, listener } = await resumed(await cancelledAfter(epochs))
    expect(output.weights).toEqual(whole.weights)
    expect(plain(output)).toEqual(plain(whole))
    // Whoever listens is told of every epoch again.
    expect(listener.epochs).toEqual(told.epochs)
    const shares = listener.progress.map(([share]) => share)
    expect(shares).toEqual(shares.toSorted((left, right) => left - right))
  })

  test('knows what it called wrong, whatever people differ by now', async () => {
    const checkpoint = await cancelledAfter(4)
    const other = { ...trainInput(configuration, { checkpoint }), tolerance: 0.3 }
    const output = await train(other, createListener())
    expect(output.weights).toEqual(whole.weights)
    expect(plain(output)).toEqual(plain(whole))
  })

  test('stops early where it would have stopped', async () => {
    const patient = { maximumEpochs: 40, patience: 4, minimumDelta: 0.01, interaction: false }
    const input = (checkpoint: Uint8Array | null = null) => trainInput(patient, { checkpoint, holdout: null })
    const listener = createListener()
    const early = await train(input(), listener)
    const [{ stoppingReason, epochs, bestEpoch }] = early.report.curves as [HeadCurves]
    expect([stoppingReason, epochs.length < 30, bestEpoch < epochs.length]).toEqual([
      'early-stopping',
      true,
      true,
    ])
    // One before its end, so that what it had waited must be known; and at its end.
    for (const count of [epochs.length - 1, epochs.length]) {
      const cancelled = createListener(count)
      await expect(train(input(), cancelled)).rejects.toMatchObject({ code: 'cancelled' })
      const again = await train(input(cancelled.checkpoints.at(-1)!.state), createListener())
      expect(again.weights).toEqual(early.weights)
      expect(plain(again)).toEqual(plain(early))
    }
  })

  test('may be cancelled and taken up many times', async () => {
    let checkpoint: Uint8Array | null = null
    for (const epochs of [2, 5, 7, 13]) checkpoint = await cancelledAfter(epochs, checkpoint)
    expect((await resumed(checkpoint!)).output.weights).toEqual(whole.weights)
  })

  test('keeps what it had where it is cancelled again before it went on', async () => {
    const before = await cancelledAfter(4)
    const again = readCheckpoint(await cancelledAfter(4, before))
    expect(again).toEqual(readCheckpoint(before))
  })
})

describe('a checkpoint', () => {
  let bytes: Uint8Array
  beforeAll(async () => {
    bytes = await cancelledAfter(5)
  })

  test('is read as it was written', () => {
    const read = readCheckpoint(bytes)
    expect([...read.finished.keys()]).toEqual(['regression'])
    expect([read.present?.head, read.present?.progress.epochs.length, epochsIn(read)]).toEqual([
      'interaction',
      2,
      5,
    ])
    expect(writeCheckpoint(read)).toEqual(bytes)
    // Before ten steps nothing is monitored yet.
    expect(read.present?.progress.monitored).toBe(-Infinity)
  })

  const rewritten = (change: (file: ReturnType<typeof readSafetensors>) => void): Uint8Array => {
    const file = readSafetensors(bytes)
    change(file)
    return writeSafetensors(file.tensors, file.metadata)
  }
  test.each([
    ['cut off', () => bytes.subarray(0, bytes.length - 10)],
    ['empty', () => new Uint8Array()],
    ['of another format', () => rewritten(({ metadata }) => (metadata['format'] = 'gradus-heads'))],
    [
      'with a description that is no JSON',
      () => rewritten(({ metadata }) => (metadata['description'] = `${metadata['description']}}`)),
    ],
    [
      'without a tolerance',
      () =>
        rewritten(
          ({ metadata }) =>
            (metadata['description'] = metadata['description']!.replace('tolerance', 'other')),
        ),
    ],
    ['without a description', () => rewritten(({ metadata }) => delete metadata['description'])],
    [
      'of an unknown head',
      () =>
        rewritten(
          ({ metadata }) =>
            (metadata['description'] = metadata['description']!.replace('"interaction"', '"other"')),
        ),
    ],
    [
      'without one of the weights',
      () => rewritten(({ tensors }) => tensors.delete('finished/regression/norm.gain')),
    ],
    [
      'without one of the moments',
      () => rewritten(({ tensors }) => tensors.delete('present/state/square:project.weight')),
    ],
    [
      'with weights that are whole numbers',
      () => rewritten(({ tensors }) => tensors.set('finished/regression/norm.gain', integers([1, 2]))),
    ],
  ] as const)('%s is refused', async (_, damage) => {
    await expect(
      train(trainInput(configuration, { checkpoint: damage() }), createListener()),
    ).rejects.toMatchObject({
      code: 'bad-file',
    })
  })

  test('of heads of another size is refused', async () => {
    const wide = trainInput({ ...configuration, hiddenWidth: 17 }, { checkpoint: bytes })
    await expect(train(wide, createListener())).rejects.toMatchObject({
      code: 'bad-file',
      message: 'The stopped training cannot be gone on with: train again.',
    })
  })
})
