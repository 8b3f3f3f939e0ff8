import { effectScope } from 'vue'
import { expect, test } from 'vitest'
import { usePages, type Pages } from './usePages.ts'

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

function numbered(load: (offset: number, limit: number) => { total: number; rows: { at: number }[] }) {
  const asked: number[] = []
  const scope = effectScope()
  const pages = scope.run(() =>
    usePages((offset, limit) => {
      asked.push(offset)
      return Promise.resolve(load(offset, limit))
    }, 10),
  ) as Pages<{ at: number }>
  return { asked, pages, end: () => scope.stop() }
}

const list =
  (total: number, from = 0) =>
  (offset: number, limit: number) => ({
    total,
    rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => ({
      at: from + offset + index,
    })),
  })

test('only the pages in sight are asked for, each once', async () => {
  const { asked, pages } = numbered(list(25))
  pages.ensure(0, 6)
  pages.ensure(0, 12)
  await settled()
  expect({
    asked,
    total: pages.total.value,
    rows: [0, 11, 24].map((index) => pages.rowAt(index)?.at),
  }).toEqual({
    asked: [0, 10],
    total: 25,
    rows: [0, 11, undefined],
  })
})

test('a reload fetches what is in sight and forgets the rest', async () => {
  let from = 0
  const { asked, pages } = numbered((offset, limit) => list(45, from)(offset, limit))
  pages.ensure(0, 10)
  await settled()
  pages.ensure(28, 39)
  await settled()
  from = 100
  pages.reload()
  await settled()
  expect([asked, [0, 28, 38].map((index) => pages.rowAt(index)?.at)]).toEqual([
    [0, 20, 30, 20, 30],
    [undefined, 128, 138],
  ])
})

test('a failure is told, and gone with the next answer', async () => {
  let fails = true
  const { pages } = numbered((offset, limit) => {
    if (fails) throw new Error('no')
    return list(3)(offset, limit)
  })
  pages.reload('top')
  await settled()
  const failed = pages.failure.value
  fails = false
  pages.reload('top')
  await settled()
  expect([failed, pages.failure.value, pages.rowAt(2)]).toEqual([
    { code: 'unexpected', message: 'Unexpected: no' },
    null,
    { at: 2 },
  ])
})
