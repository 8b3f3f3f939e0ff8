import { effectScope } from 'vue'
import { expect, it } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import { usePages, type Pages } from './usePages.ts'

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

it('fetches each page once, when its rows come into sight', async () => {
  const asked: number[] = []
  const scope = effectScope()
  const pages = scope.run(() =>
    usePages((offset, limit) => {
      asked.push(offset)
      return Promise.resolve({
        total: 25,
        rows: Array.from({ length: limit }, (_, row) => ({ at: offset + row })),
      })
    }, 10),
  ) as Pages<{ at: number }>
  pages.reload()
  pages.ensure(0, 10)
  await settle()
  pages.ensure(5, 21)
  await settle()
  expect([asked, pages.total.value, pages.rowAt(3), pages.rowAt(20)]).toEqual([
    [0, 10, 20],
    25,
    { at: 3 },
    { at: 20 },
  ])
  scope.stop()
})

it('shows the old rows until the new ones are there, and drops answers that come too late', async () => {
  let name = 'old'
  const waiting: (() => void)[] = []
  const scope = effectScope()
  const pages = scope.run(() =>
    usePages(
      () =>
        new Promise<{ total: number; rows: { name: string }[] }>((resolve) => {
          const answer = { total: 1, rows: [{ name }] }
          waiting.push(() => resolve(answer))
        }),
      10,
    ),
  ) as Pages<{ name: string }>
  pages.reload()
  waiting[0]!()
  await settle()
  name = 'late'
  pages.reload()
  name = 'new'
  pages.reload()
  expect(pages.rowAt(0)).toEqual({ name: 'old' })
  waiting[2]!()
  waiting[1]!()
  await settle()
  expect(pages.rowAt(0)).toEqual({ name: 'new' })
  scope.stop()
})

it('keeps the error for the view, and tries again when asked', async () => {
  let fails = true
  const scope = effectScope()
  const pages = scope.run(() =>
    usePages(() =>
      fails
        ? Promise.reject(new GradusError('no-project-open', 'No project is open.'))
        : Promise.resolve({ total: 0, rows: [] }),
    ),
  ) as Pages<object>
  pages.reload()
  await settle()
  expect(pages.failure.value).toEqual({ code: 'no-project-open', message: 'No project is open.' })
  fails = false
  pages.reload()
  await settle()
  expect([pages.failure.value, pages.total.value]).toEqual([null, 0])
  scope.stop()
})
