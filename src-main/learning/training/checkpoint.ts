import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import { epochRecord, headCurves, type HeadCurves } from '#shared/domain/run.ts'
import type { FitProgress } from '../fit.ts'
import { headName, type HeadName } from '../heads/registry.ts'
import { tensor, type Tensor } from '../../onnx/model.ts'
import { readSafetensors, writeSafetensors } from '../../onnx/safetensors.ts'

/** A head whose training has ended. */
export interface FinishedHead {
  readonly parameters: ReadonlyMap<string, Float32Array>
  readonly curves: HeadCurves & { readonly head: HeadName }
}

/** Where a whole training is: what it needs to go on with the same result. */
export interface Checkpoint {
  /** What the training began with, whatever people differ by now. */
  readonly tolerance: number
  readonly finished: ReadonlyMap<HeadName, FinishedHead>
  /** The head in training; null between two heads. */
  readonly present: { readonly head: HeadName; readonly progress: FitProgress } | null
}

/** What a finite number, or −∞ before the first epoch, looks like in JSON. */
const number = z.union([z.number(), z.literal('-Infinity').transform(() => -Infinity)])

const description = z.object({
  tolerance: z.number().positive(),
  finished: z.array(headCurves.extend({ head: headName })),
  present: z
    .object({
      head: headName,
      epochs: z.array(epochRecord),
      bestEpoch: z.number().int(),
      monitored: number,
      reference: number,
      waited: z.number().int(),
      stepsDone: z.number().int(),
    })
    .nullable(),
})

const format = 'gradus-checkpoint'

/** Epochs of all heads together that a checkpoint holds. */
export function epochsIn({ finished, present }: Pick<Checkpoint, 'finished' | 'present'>): number {
  const ended = [...finished.values()].reduce((sum, { curves }) => sum + curves.epochs.length, 0)
  return ended + (present?.progress.epochs.length ?? 0)
}

/** Writes a checkpoint as safetensors. */
export function writeCheckpoint({ tolerance, finished, present }: Checkpoint): Uint8Array {
  const tensors = new Map<string, Tensor>()
  const put = (stem: string, values: ReadonlyMap<string, Float32Array>): void => {
    for (const [name, own] of values) tensors.set(`${stem}/${name}`, tensor('float32', [own.length], own))
  }
  for (const [name, { parameters }] of finished) put(`finished/${name}`, parameters)
  if (present !== null) {
    put('present/state', present.progress.trainer.state)
    put('present/best', present.progress.parameters)
    put('present/validation', new Map([['predicted', present.progress.validation]]))
  }
  const text = JSON.stringify(
    {
      tolerance,
      finished: [...finished.values()].map(({ curves }) => curves),
      present: present === null ? null : { head: present.head, ...plain(present.progress) },
    },
    (_, value: unknown) => (value === -Infinity ? '-Infinity' : value),
  )
  return writeSafetensors(tensors, { format, description: text })
}

function plain(progress: FitProgress): object {
  const { epochs, bestEpoch, monitored, reference, waited, stepsDone } = progress
  return { epochs, bestEpoch, monitored, reference, waited, stepsDone }
}

function unusable(): GradusError {
  return new GradusError('bad-file', 'The stopped training cannot be gone on with: train again.')
}

/** @throws GradusError `bad-file` where the arrays of a checkpoint are not those of this head. */
export function checkHeadArrays(
  found: ReadonlyMap<string, Float32Array>,
  wanted: readonly { readonly name: string; readonly length: number }[],
): void {
  if (!wanted.every(({ name, length }) => found.get(name)?.length === length)) throw unusable()
}

/** Reads what `writeCheckpoint` wrote. @throws GradusError `bad-file` for anything else. */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes)
  if (metadata['format'] !== format) throw unusable()
  const parsed = description.safeParse(parseJson(metadata['description'] ?? 'null'))
  if (!parsed.success) throw unusable()
  const take = (stem: string): Map<string, Float32Array> =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(`${stem}/`))
        .map(([name, own]) => {
          if (own.type !== 'float32') throw unusable()
          return [name.slice(stem.length + 1), new Float32Array(new Uint8Array(own.bytes).buffer)]
        }),
    )
  const { tolerance, finished, present } = parsed.data
  return {
    tolerance,
    finished: new Map(
      finished.map((curves) => [curves.head, { curves, parameters: take(`finished/${curves.head}`) }]),
    ),
    present:
      present === null
        ? null
        : {
            head: present.head,
            progress: {
              epochs: present.epochs,
              bestEpoch: present.bestEpoch,
              monitored: present.monitored,
              reference: present.reference,
              waited: present.waited,
              stepsDone: present.stepsDone,
              parameters: take('present/best'),
              validation: take('present/validation').get('predicted') ?? new Float32Array(),
              trainer: { state: take('present/state') },
            },
          },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new GradusError('bad-file', unusable().message, undefined, cause)
  }
}
