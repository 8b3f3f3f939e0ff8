import { writeSync } from 'node:fs'
import { createAnnotateHandlers } from './annotate.ts'
import { openProjectFile } from '../projects/projects.ts'
import { createTestContext, testCall } from '../testing/testContext.ts'

// For the kill test: a process that rates without end and prints the id of each rating once it is acknowledged.
const [, , path, raterId, root] = process.argv
if (path === undefined || raterId === undefined || root === undefined)
  throw new Error('Usage: commitStream.ts <project> <rater id> <folder>')

const { context } = createTestContext(root)
context.session.set({ store: openProjectFile(path), path })
const annotate = createAnnotateHandlers(context)
const who = { raterId, queue: 'order' as const }
let { next } = await annotate['annotate.next'](who, testCall)
for (let count = 0; next !== null; count++) {
  const value = (count % 101) / 100
  const step = await annotate['annotate.commit'](
    {
      ...who,
      pairId: next.pair.id,
      answer: { kind: 'score', value, rawPosition: value },
      note: null,
      timing: { timeToFirstTouch: 1, timeToCommit: count, changeCount: 1 },
      orderShown: next.orderShown,
      shownBecause: next.shownBecause,
      suggestionId: next.suggestionId,
    },
    testCall,
  )
  writeSync(1, `${step.ratingId}\n`)
  next = step.next
}
