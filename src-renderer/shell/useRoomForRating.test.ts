import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, test } from 'vitest'
import { effectScope, nextTick } from 'vue'
import type { JobOutcome } from '#shared/contract/jobs.ts'
import { exampleId, exampleJob } from '../testing/examples.ts'
import { connectInMemory } from '../testing/inMemoryBackend.ts'
import { useProjectStore } from '../stores/project.ts'
import { useRoomForRating } from './useRoomForRating.ts'

const scope = effectScope()
afterEach(() => scope.stop())

test('the backend is told of typing and dragging, a few times a second, only while a training runs that nobody asked for', async () => {
  setActivePinia(createPinia())
  let told = 0
  const served = await connectInMemory({
    'jobs.personActive': () => {
      told += 1
      return {}
    },
  })
  useProjectStore()
  scope.run(() => useRoomForRating())
  const settled = async (milliseconds = 0): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    await nextTick()
  }
  const tell = async (automatic: boolean, outcome: JobOutcome): Promise<void> => {
    const detail = { kind: 'train' as const, runId: exampleId(8), runNumber: 8, automatic, curves: [] }
    served.emit('job', exampleJob(1, detail, outcome))
    await settled()
  }
  const input = async (event: Event): Promise<number> => {
    document.body.dispatchEvent(event)
    await settled()
    return told
  }
  const key = (): Event => new KeyboardEvent('keydown', { key: '7', bubbles: true })
  const move = (buttons: number): Event => new PointerEvent('pointermove', { buttons, bubbles: true })

  expect(await input(key())).toBe(0)
  await settled(300)
  await tell(false, { status: 'running' })
  expect(await input(key())).toBe(0)
  await settled(300)
  await tell(true, { status: 'running' })
  expect([await input(move(0)), await input(move(1)), await input(key()), await input(move(1))]).toEqual([
    0, 1, 1, 1,
  ])
  await settled(300)
  expect(await input(key())).toBe(2)
  await settled(300)
  await tell(true, { status: 'finished' })
  expect(await input(key())).toBe(2)
})
