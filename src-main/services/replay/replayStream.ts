import { writeSync } from 'node:fs'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { builtEntries } from '../../programRoot.ts'
import { openProjectFile } from '../projects/projects.ts'
import { createTestContext, testCall } from '../testing/testContext.ts'
import { createReplayHandlers } from './replay.ts'

// For the kill test: a process that replays without end and prints how many parts are done.
const [, , path, root] = process.argv
if (path === undefined || root === undefined) throw new Error('Usage: replayStream.ts <project> <folder>')

const { context } = createTestContext(root)
context.session.set({ store: openProjectFile(path), path })
const replay = createReplayHandlers({ ...context, startWorker: createForkWorker(builtEntries) })
await replay['replay.start'](
  {
    strategies: ['core-set'],
    seeds: 100,
    start: 10,
    batch: 10,
    to: 60,
    randomShare: 0,
    threshold: 0.5,
  },
  testCall,
)
let printed = 0
setInterval(() => {
  const [job] = context.jobs.list()
  const done = job?.detail.kind === 'replay' ? job.detail.done : 0
  if (done > printed) writeSync(1, `${done}\n`)
  printed = done
}, 5)
