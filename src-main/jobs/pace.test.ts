import { execFileSync } from 'node:child_process'
import { constants } from 'node:os'
import { expect, it } from 'vitest'
import { createGate } from './gate.ts'
import { lowPriorityWord } from './lowPriority.ts'
import { atPace, createPersonPace, quietAfter } from './pace.ts'

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

it('holds work up at a gate that opens by itself, and later where it is held anew', async () => {
  const gate = createGate()
  await gate.passed()
  const started = performance.now()
  gate.hold(100)
  setTimeout(() => gate.hold(150), 50)
  await gate.passed()
  const waited = performance.now() - started
  expect(waited).toBeGreaterThan(190)
  expect(waited).toBeLessThan(1000)
})

it('tells work of a person at work, when that is over, and what is left of it to work that begins meanwhile', async () => {
  const pace = createPersonPace()
  const { signal } = new AbortController()
  const told: number[][] = [[], []]
  const work = (index: number, use: () => Promise<unknown>): Promise<unknown> =>
    atPace(pace, signal, (milliseconds) => Promise.resolve(told[index]?.push(milliseconds)), use)
  await work(0, async () => {
    pace.active()
    await pause(100)
    await work(1, () => pause(1))
    pace.active()
    await pause(quietAfter + 200)
  })
  pace.active()
  expect(told[0]).toEqual([quietAfter, quietAfter, 0])
  expect(told[1]).toHaveLength(1)
  expect(told[1]?.[0]).toBeGreaterThan(0)
  expect(told[1]?.[0]).toBeLessThan(quietAfter)
})

it('does not hold up what has been cancelled, so that it can end', async () => {
  const pace = createPersonPace()
  const controller = new AbortController()
  const told: number[] = []
  const hold = (milliseconds: number): Promise<unknown> => Promise.resolve(told.push(milliseconds))
  await atPace(pace, controller.signal, hold, () => {
    controller.abort()
    pace.active()
    return Promise.resolve()
  })
  expect(told).toEqual([])
})

it('gives every thread of a process the lowest priority where its command line says so, those to come, too', () => {
  const program = `
    import { getPriority } from 'node:os'
    import { readdirSync } from 'node:fs'
    import { Worker } from 'node:worker_threads'
    import { lowerPriorityWhereAsked } from '${new URL('./lowPriority.ts', import.meta.url).href}'
    lowerPriorityWhereAsked()
    const ids = () => process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [0]
    const before = ids().length
    const worker = new Worker('setInterval(() => undefined, 1000)', { eval: true })
    worker.once('online', () => {
      console.log(JSON.stringify({ more: ids().length > before, priorities: [...new Set(ids().map(getPriority))] }))
      process.exit()
    })`
  const priorities = (...words: string[]): unknown =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '--eval', program, '--', ...words], {
        encoding: 'utf8',
      }),
    )
  const more = process.platform === 'linux'
  expect(priorities(lowPriorityWord)).toEqual({ more, priorities: [constants.priority.PRIORITY_LOW] })
  expect(priorities()).not.toEqual({ more, priorities: [constants.priority.PRIORITY_LOW] })
})
