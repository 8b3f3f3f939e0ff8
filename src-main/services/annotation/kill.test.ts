import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createTestFolder, createTestProject } from '../../store/testStore.ts'
import { openProjectFile } from '../projects/projects.ts'

const program = fileURLToPath(new URL('commitStream.ts', import.meta.url))

/** Lets a process rate until it has acknowledged `enough` ratings, kills it, and returns all it has acknowledged. */
async function rateAndKill(path: string, raterId: string, root: string, enough: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, path, raterId, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (printed.length >= enough * 27) child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'close')) as unknown[]
  expect([code, signal]).toEqual([null, 'SIGKILL'])
  // A line that was cut off was not acknowledged to anybody.
  return printed.split('\n').slice(0, -1)
}

test('every rating that was acknowledged is there after the process was killed in the middle of its work', async () => {
  const folder = createTestFolder()
  const path = join(folder.path, 'killed.gradus')
  const settings = { retestShare: 0 }
  const { store, raterIds } = createTestProject({ pairs: 3000, raters: ['Ada'], path, settings })
  store.close()
  const acknowledged: string[] = []
  for (const enough of [1, 17, 90]) {
    acknowledged.push(...(await rateAndKill(path, raterIds[0]!, folder.path, enough)))
    const after = openProjectFile(path)
    const standing = after.database
      .prepare('SELECT id FROM current_rating ORDER BY id')
      .pluck()
      .all() as string[]
    expect({
      lost: acknowledged.filter((id) => !standing.includes(id)),
      // Each kill can leave one rating that was stored and not acknowledged any more.
      unacknowledged: standing.length - acknowledged.length <= 3,
      sound: after.database.pragma('integrity_check', { simple: true }),
      counted: after.tally.read().ratings,
      steps: after.annotation.countSteps(raterIds[0]!),
    }).toEqual({
      lost: [],
      unacknowledged: true,
      sound: 'ok',
      counted: standing.length,
      steps: standing.length,
    })
    after.close()
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(108)
  folder.remove()
})
