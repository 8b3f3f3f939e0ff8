import type { JobDetail } from '#shared/contract/jobs.ts'
import { headLabel } from './modelWords.ts'

type TrainDetail = Extract<JobDetail, { kind: 'train' }>

/** Where a training under way stands: "Run 8, interaction, epoch 3 of at most 6"; null before the first epoch. */
export function epochText({ runNumber, curves }: TrainDetail): string | null {
  const present = curves.at(-1)
  if (present === undefined || present.epochs.length === 0) return null
  const head = headLabel(present.head).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())
  return `Run ${runNumber}, ${head}, epoch ${present.epochs.length} of at most ${present.maximumEpochs}`
}
