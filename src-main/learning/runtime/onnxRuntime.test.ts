import { expect, test, vi } from 'vitest'
import { openBeside } from './onnxRuntime.ts'

test('what is open already is closed where the next thing cannot be opened, and only then', async () => {
  const close = vi.fn(() => Promise.resolve())
  expect(await openBeside(close, () => Promise.resolve('opened'))).toBe('opened')
  expect(close).not.toHaveBeenCalled()
  const failure = new Error('out of memory')
  await expect(openBeside(close, () => Promise.reject(failure))).rejects.toBe(failure)
  expect(close).toHaveBeenCalledTimes(1)
})
