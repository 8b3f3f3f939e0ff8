import { agreementMethods } from './agreement.ts'
import { annotateMethods } from './annotate.ts'
import { backendMethods } from './backends.ts'
import { evidenceMethods } from './evidence.ts'
import { exportMethods } from './exports.ts'
import { importMethods } from './imports.ts'
import { job, jobMethods } from './jobs.ts'
import { judgingMethods } from './judging.ts'
import { planMethods } from './plan.ts'
import { programMethods } from './program.ts'
import { projectMethods, projectOverview } from './project.ts'
import { replayMethods } from './replay.ts'
import { reviewMethods } from './review.ts'
import { settlingMethods } from './settling.ts'
import { trainMethods } from './train.ts'

/** Everything the window and the backend say to each other. */
export const contract = {
  methods: {
    ...programMethods,
    ...projectMethods,
    ...importMethods,
    ...annotateMethods,
    ...planMethods,
    ...reviewMethods,
    ...settlingMethods,
    ...trainMethods,
    ...replayMethods,
    ...backendMethods,
    ...judgingMethods,
    ...agreementMethods,
    ...evidenceMethods,
    ...exportMethods,
    ...jobMethods,
  },
  events: {
    /** The open project as it is now; null when none is open. */
    project: projectOverview.nullable(),
    /** A job as it is now. */
    job,
  },
} as const
export type AppContract = typeof contract
