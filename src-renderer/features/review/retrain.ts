import type { ProjectOverview } from '#shared/contract/project.ts'
import { counted } from '../../format/numbers.ts'

/** The offer to train again: "24 new ratings since run 3."; null where none is due. */
export function retrainOffer(model: ProjectOverview['model']): string | null {
  return model?.retrainOffered === true
    ? `${counted(model.newRatings, 'new rating')} since run ${model.runNumber}.`
    : null
}
