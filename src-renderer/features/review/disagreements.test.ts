import type { VueWrapper } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import type { ReviewCounts, ReviewRow } from '#shared/contract/review.ts'
import type { SettlingPair } from '#shared/contract/settling.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { ReviewTab, SavedFilter } from '#shared/domain/reviewFilter.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { ParsedInputOf } from '#shared/rpc/contract.ts'
import { useProjectStore } from '../../stores/project.ts'
import { exampleId, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import { usePickedPairs } from '../../stores/pickedPairs.ts'
import { emptyTab } from './emptyTab.ts'
import { useReviewStore } from './reviewStore.ts'
import { emptyFilter } from './reviewTabs.ts'
import { scoreOfKey } from './settleActions.ts'
import View from './View.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

type DecideAll = ParsedInputOf<AppContract, 'settling.decideAll'>
type Decide = ParsedInputOf<AppContract, 'settling.decide'>
type Asked = ParsedInputOf<AppContract, 'review.list'>

function row(number: number): ReviewRow {
  return {
    position: number - 1,
    pairId: exampleId(200 + number),
    externalId: null,
    premise: `Premise ${number}`,
    hypothesis: `Hypothesis ${number}`,
    kind: 'two-camps',
    weight: 1 / number,
    reasons: ['4 raters .10 to .95, two camps', 'disputed by Ben: They share no event.'],
    scores: [
      { raterName: 'Ada', score: 0.1, range: null },
      { raterName: 'Ben', score: 0.95, range: { low: 0.9, high: 1 } },
    ],
    consensus: 0.52,
    prediction: null,
    settled: null,
    why: '4 raters .10 to .95, two camps.',
    suggestion: null,
    deviation: 0.6,
  }
}

const noCounts: ReviewCounts = {
  uncertain: 0,
  ambiguous: 0,
  disputed: 0,
  'model-gap': 0,
  abstained: 0,
  disagreements: 0,
  settled: 0,
  compared: 0,
  comparedByThree: 0,
  raters: 2,
  predicted: 0,
  predictedAndRated: 0,
}

function pairOf(
  { pairId, premise, hypothesis }: ReviewRow,
  changes: Partial<SettlingPair> = {},
): SettlingPair {
  return {
    pairId,
    externalId: null,
    premise,
    hypothesis,
    ratings: [
      {
        ratingId: exampleId(501),
        raterName: 'Ben',
        score: 0.95,
        range: { low: 0.9, high: 1 },
        cannotJudge: null,
        confidence: 1,
        note: 'Hardly.',
        counts: true,
        createdAt: '2026-11-23T10:00:00.000Z',
      },
    ],
    disputes: [],
    prediction: null,
    consensus: 0.52,
    gold: null,
    earlierTexts: [],
    decisions: [],
    settled: null,
    binned: false,
    raters: [{ id: exampleId(902), name: 'Dora', asked: false }],
    planned: false,
    ...changes,
  }
}

async function reviewOf(numbers: number[], refusal: GradusError | null = null) {
  const rows = numbers.map(row)
  const decided: Decide[] = []
  const decidedAll: DecideAll[] = []
  const filters: SavedFilter[] = []
  const asked: Asked[] = []
  const open = new Set(rows.map(({ pairId }) => pairId))
  await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'review.list': (wanted) => {
      asked.push(wanted)
      const left = rows
        .filter(({ pairId }) => open.has(pairId) && !wanted.query.filter.disputed)
        .map((known, position) => ({ ...known, position }))
      const counts = {
        ...noCounts,
        disagreements: open.size,
        settled: rows.length - open.size,
        compared: rows.length,
      }
      return {
        total: left.length,
        rows: left.slice(wanted.offset, wanted.offset + wanted.limit),
        counts,
        usualDeviation: 0.2,
        ranking: null,
        model: null,
      }
    },
    'review.ids': () => ({ total: open.size, pairIds: [...open] }),
    'review.filters': () => filters,
    'review.saveFilter': ({ name, query }) => {
      const saved = { id: exampleId(600 + filters.length), name, query }
      filters.push(saved)
      return saved
    },
    'review.neighbours': () => ({ rows: [], compared: 0, rated: 0, reason: 'No other pair is rated yet.' }),
    'settling.decideAll': (wanted) => {
      decidedAll.push(wanted)
      const [first, ...others] = wanted.pairIds
      const decidedIds = others.length === 0 ? [first!] : others
      for (const pairId of decidedIds) open.delete(pairId)
      return {
        decidedIds,
        refused: others.length === 0 ? [] : [{ message: 'Nobody has scored this pair.', count: 1 }],
      }
    },
    'settling.pair': ({ pairId }) => pairOf(rows.find((known) => known.pairId === pairId)!),
    'data.history': () => [],
    'settling.decide': (wanted) => {
      if (refusal !== null) throw refusal
      decided.push(wanted)
      if (wanted.choice.kind !== 'another-rater') open.delete(wanted.pairId)
      const { pairId, decidedBy, reason, choice } = wanted
      const decision = {
        id: exampleId(700),
        pairId,
        kind: choice.kind,
        score: choice.kind === 'adjudicated' ? choice.score : null,
        askedRaterId: null,
        decidedBy,
        reason,
        createdAt: '2026-11-23T10:00:00.000Z',
      }
      return { decision, told: 'Done.' }
    },
  })
  const { wrapper, router } = await mountView(View, '/review')
  useProjectStore().chooseRater(exampleId(901))
  await settled()
  const press = async (key: string, change: KeyboardEventInit = {}): Promise<void> => {
    const target = document.activeElement ?? document.body
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...change }))
    await settled()
  }
  return { wrapper, router, decided, decidedAll, filters, asked, press }
}

test('with anything to settle, the queue is shown first: kind, reasons, and the dots in words', async () => {
  const { wrapper } = await reviewOf([1, 2])
  expect(wrapper.findAll('[role="tab"]').map((tab) => tab.text())).toEqual([
    'Uncertain0',
    'Ambiguous0',
    'Disputed0',
    'Model against people0',
    'Abstained0',
    'Disagreements2',
  ])
  const head = wrapper.get('button.head')
  expect(head.attributes('aria-expanded')).toBe('false')
  for (const words of ['two camps', 'Ada .10, Ben .95, consensus .52', 'Premise 1', 'disputed by Ben'])
    expect(head.text()).toContain(words)
  expect(head.findAll('circle')).toHaveLength(2)
  wrapper.unmount()
})

test('keys alone: down, open, adjudicate with a score and a reason, and on to the next pair', async () => {
  const { wrapper, decided, press } = await reviewOf([1, 2, 3])
  await press('j')
  expect(document.activeElement?.textContent).toContain('Premise 2')
  await press('a')
  expect(wrapper.get('.panel').text()).toContain('.90 to 1.00')
  expect(wrapper.get('.panel').text()).toContain('Hardly.')
  const slider = wrapper.get('input[type="range"]')
  expect(slider.attributes('aria-valuetext')).toBe('unset')
  await wrapper.get('form').trigger('submit')
  expect(wrapper.get('form').text()).toContain('Set the score first.')
  await slider.trigger('keydown', { key: '7', code: 'Digit7' })
  await slider.trigger('keydown', { key: 'ArrowRight' })
  await wrapper.get('form').trigger('submit')
  expect([wrapper.get('form').text().includes('A decision needs a reason.'), decided]).toEqual([true, []])
  await wrapper.get('textarea').setValue('Music is meant.')
  await wrapper.get('form').trigger('submit')
  await settled()
  expect(decided).toEqual([
    {
      pairId: exampleId(202),
      decidedBy: exampleId(901),
      reason: 'Music is meant.',
      choice: { kind: 'adjudicated', score: 0.71 },
    },
  ])
  const heads = wrapper.findAll('[role="listitem"] button.head')
  expect(heads.map((head) => [head.text().includes('Premise 3'), head.attributes('aria-expanded')])).toEqual([
    [false, 'false'],
    [true, 'true'],
  ])
  expect(document.activeElement?.textContent).toContain('Premise 3')
  wrapper.unmount()
})

test('another rater: the pair stays, and the queue goes on; Escape closes form, then row', async () => {
  const { wrapper, decided, press } = await reviewOf([1, 2])
  await press('r')
  await wrapper.get('textarea').setValue('One more.')
  await wrapper.get('form').trigger('submit')
  await settled()
  expect(decided[0]?.choice).toEqual({ kind: 'another-rater', askedRaterId: null })
  const expanded = (): unknown[] =>
    wrapper.findAll('button.head').map((head) => head.attributes('aria-expanded'))
  expect(expanded()).toEqual(['false', 'true'])
  await press('m')
  expect(wrapper.find('form').exists()).toBe(true)
  await press('Escape')
  expect([wrapper.find('form').exists(), expanded()]).toEqual([false, ['false', 'true']])
  await press('Escape')
  expect(expanded()).toEqual(['false', 'false'])
  wrapper.unmount()
})

test('a refusal stands at the form, and nothing is lost of what was written', async () => {
  const twin = new GradusError('already-exists', 'Another pair has these very texts.')
  const { wrapper, press } = await reviewOf([1], twin)
  await press('t')
  const [premise, , reason] = wrapper.findAll('textarea')
  await premise!.setValue('Premise 2')
  await reason!.setValue('Clearer.')
  await wrapper.get('form').trigger('submit')
  await settled()
  expect(wrapper.get('form').text()).toContain('Another pair has these very texts.')
  expect((wrapper.findAll('textarea')[0]!.element as HTMLTextAreaElement).value).toBe('Premise 2')
  wrapper.unmount()
})

test('filters ask anew, and an empty answer offers to clear them', async () => {
  const { wrapper, asked } = await reviewOf([1])
  const button = (words: string) => wrapper.findAll('button').find((known) => known.text().startsWith(words))!
  await button('Filter').trigger('click')
  await settled()
  const box = [...document.querySelectorAll<HTMLElement>('.popover [role="checkbox"]')][0]!
  box.click()
  await settled()
  expect(asked.at(-1)?.query).toMatchObject({
    tab: 'disagreements',
    order: 'weight',
    filter: { disputed: true, modelGap: false, includeDone: false },
  })
  expect(button('Filter').text()).toBe('Filter: disputed')
  expect(wrapper.get('.empty h2').text()).toBe('No pair fits')
  expect(wrapper.get('.empty').text()).toContain('the list has 1 pair')
  await wrapper.get('.empty button').trigger('click')
  await settled()
  expect(wrapper.findAll('button.head')).toHaveLength(1)
  wrapper.unmount()
})

test('with nothing to settle another tab is shown first, and this one says why it is empty', async () => {
  const { wrapper } = await reviewOf([])
  expect(wrapper.get('[role="tab"][data-state="active"]').text()).toContain('Uncertain')
  await wrapper.findAll('[role="tab"]').at(-1)!.trigger('mousedown')
  await settled()
  expect(wrapper.get('.empty h2').text()).toBe('No pair has two scores')
  wrapper.unmount()
})

const checked = (wrapper: VueWrapper): (string | undefined)[] =>
  wrapper.findAll('button.pick').map((box) => box.attributes('aria-checked'))

test('Space selects, Shift and an arrow extend and shrink, Escape clears', async () => {
  const { wrapper, press } = await reviewOf([1, 2, 3, 4])
  wrapper.get<HTMLElement>('button.head').element.focus()
  await press(' ')
  expect(checked(wrapper)).toEqual(['true', 'false', 'false', 'false'])
  expect(wrapper.get('[aria-label="Selected pairs"] [role="status"]').text()).toBe('1 selected')
  await press('x')
  await press('j')
  await press('ArrowDown', { shiftKey: true })
  await press('ArrowDown', { shiftKey: true })
  expect(checked(wrapper)).toEqual(['false', 'true', 'true', 'true'])
  await press('ArrowUp', { shiftKey: true })
  expect(checked(wrapper)).toEqual(['false', 'true', 'true', 'false'])
  await press('Escape')
  expect(checked(wrapper)).toEqual(['false', 'false', 'false', 'false'])
  await press('a', { ctrlKey: true })
  expect(checked(wrapper)).toEqual(['true', 'true', 'true', 'true'])
  wrapper.unmount()
})

test('a letter decides about all selected: the number is named, and what is refused is told and stays selected', async () => {
  const { wrapper, press, decidedAll } = await reviewOf([1, 2, 3])
  await press('a', { ctrlKey: true })
  await press('b')
  const dialog = (): HTMLElement => document.querySelector<HTMLElement>('[role="dialog"]')!
  expect(dialog().querySelector('h2')?.textContent).toBe('Drop 3 pairs to the bin?')
  const form = dialog().querySelector('form')!
  form.dispatchEvent(new Event('submit', { cancelable: true }))
  await settled()
  expect([dialog().textContent.includes('A decision needs a reason.'), decidedAll]).toEqual([true, []])
  const reason = dialog().querySelector('textarea')!
  reason.value = 'Not about the weather.'
  reason.dispatchEvent(new Event('input'))
  form.dispatchEvent(new Event('submit', { cancelable: true }))
  await settled()
  expect(decidedAll).toEqual([
    {
      pairIds: [exampleId(201), exampleId(202), exampleId(203)],
      decidedBy: exampleId(901),
      reason: 'Not about the weather.',
      choice: { kind: 'binned' },
    },
  ])
  expect(document.querySelector('[role="dialog"]')).toBeNull()
  expect(wrapper.text()).toContain('Not decided: 1 pair: Nobody has scored this pair.')
  expect(checked(wrapper)).toEqual(['true'])
  wrapper.unmount()
})

test('a saved list opens as it was saved', async () => {
  const { wrapper, asked, filters } = await reviewOf([1])
  const query = {
    tab: 'abstained',
    order: 'variance',
    reversed: true,
    filter: { ...emptyFilter(), search: 'rain', ratings: { low: 2, high: null } },
  } as const
  filters.push({ id: exampleId(600), name: 'Rainy', query })
  useReviewStore().show(query)
  useReviewStore().tab = query.tab
  await settled()
  expect(asked.at(-1)?.query).toEqual(query)
  const search = wrapper.get<HTMLInputElement>('input[type="search"]')
  expect(search.element.value).toBe('rain')
  expect(wrapper.findAll('button').some((button) => button.text() === 'Filter: raters from 2')).toBe(true)
  expect(wrapper.findAll('button').some((button) => button.text() === 'Rainy')).toBe(true)
  wrapper.unmount()
})

test('the selected are rated one after another, in the order of the list', async () => {
  const { wrapper, press, router } = await reviewOf([1, 2, 3])
  await press('a', { ctrlKey: true })
  await wrapper
    .findAll('button')
    .find((button) => button.text() === 'Rate them')!
    .trigger('click')
  await settled()
  expect(router.currentRoute.value.fullPath).toBe(`/annotate?queue=review&pair=${exampleId(201)}`)
  const picked = usePickedPairs()
  expect([picked.after(exampleId(201)), picked.after(exampleId(202)), picked.after(exampleId(203))]).toEqual([
    exampleId(202),
    exampleId(203),
    null,
  ])
  wrapper.unmount()
})

test('an empty list says what is needed', () => {
  const overview = { model: null, raters: exampleOverview().raters }
  const title = (settledPairs: number, compared: number, raters: number): string =>
    emptyTab('disagreements', { ...noCounts, settled: settledPairs, compared, raters }, overview).title
  expect([
    emptyTab('disagreements', null, overview).title,
    title(0, 0, 0),
    title(0, 0, 1),
    title(0, 0, 3),
    title(4, 9, 3),
    title(0, 9, 3),
  ]).toEqual([
    'No scores to compare yet',
    'No scores to compare yet',
    'One rater alone',
    'No pair has two scores',
    'Everything is settled',
    'Nothing to settle',
  ])
  const model = exampleOverview().model
  const of = (tab: ReviewTab, counts: Partial<ReviewCounts>, known = model): string =>
    emptyTab(tab, { ...noCounts, ...counts }, { ...overview, model: known }).title
  expect([
    of('uncertain', {}, null),
    of('uncertain', {}),
    of('ambiguous', { compared: 3 }),
    of('ambiguous', { compared: 3, comparedByThree: 2 }),
    of('model-gap', {}),
    of('model-gap', { predictedAndRated: 9 }),
    of('abstained', {}, null),
    of('abstained', { predicted: 50 }),
  ]).toEqual([
    'No model yet',
    'Every suggestion is rated',
    'No pair has three scores',
    'No pair is ambiguous',
    'Nothing to compare yet',
    'The model is near people',
    'No model yet',
    'Nothing abstained',
  ])
})

test('digits lead to tenths, Shift and 0 to 1', () => {
  const at = (code: string, shiftKey = false): number | null => scoreOfKey({ code, shiftKey })
  expect([at('Digit0'), at('Numpad7'), at('Digit0', true), at('Digit3', true), at('KeyA')]).toEqual([
    0,
    0.7,
    1,
    null,
    null,
  ])
})
