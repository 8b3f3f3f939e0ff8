import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAnswerTiming } from './timing.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())
const start = (): ReturnType<typeof createAnswerTiming> => createAnswerTiming(() => Date.now())
const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds)

it('counts from the moment the pair is shown', () => {
  const timing = start()
  pass(1200)
  timing.touch()
  pass(300)
  timing.touch()
  timing.touch()
  pass(500)
  expect(timing.read()).toEqual({ timeToFirstTouch: 1200, timeToCommit: 2000, changeCount: 2 })
})

it('has no first touch where nothing was touched', () => {
  const timing = start()
  pass(900)
  expect(timing.read()).toEqual({ timeToFirstTouch: null, timeToCommit: 900, changeCount: 0 })
})

it('leaves out what comes after 30 s without input', () => {
  const timing = start()
  pass(10_000)
  timing.input()
  pass(29_000)
  timing.input()
  pass(600_000)
  timing.touch()
  pass(1000)
  expect(timing.read()).toEqual({ timeToFirstTouch: 69_000, timeToCommit: 70_000, changeCount: 0 })
})

it('stands still while the window is hidden', () => {
  const timing = start()
  pass(2000)
  timing.pause()
  pass(20_000)
  timing.input()
  pass(5000)
  timing.resume()
  timing.resume()
  pass(1000)
  expect(timing.read()).toEqual({ timeToFirstTouch: null, timeToCommit: 3000, changeCount: 0 })
})
