import { GradusError } from '#shared/contract/errors.ts'
import type { Run, RunReport } from '#shared/domain/run.ts'
import type { ProjectStore } from '../../store/projectStore.ts'

/** A finished run with what it found and its weights. */
export interface ModelInUse {
  readonly run: Run
  readonly report: RunReport
  /** safetensors, as the training process wrote them. */
  readonly weights: Uint8Array
}

/** The model that the project scores with. @throws GradusError `no-model`. */
export function modelInUse(store: ProjectStore): ModelInUse {
  const run = store.runs.inUse()
  const weights = run === null ? null : store.runs.weights(run.id)
  if (run?.report == null || weights === null)
    throw new GradusError('no-model', 'This project has no trained model yet: train one first.')
  return { run, report: run.report, weights }
}
