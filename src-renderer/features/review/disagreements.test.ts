import { afterEach, expect, test } from 'vitest'
import type { SettlingPair, SettlingRow } from '#shared/contract/settling.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { ParsedInputOf } from '#shared/rpc/contract.ts'
import { useProjectStore } from '../../stores/project.ts'
import { exampleId, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import { nothingToSettle } from './nothingToSettle.ts'
import { scoreOfKey } from './settleActions.ts'
import View from './View.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

type Decide = ParsedInputOf<AppContract, 'settling.decide'>
type Asked = ParsedInputOf<AppContract, 'settling.queue'>

function row(number: number): SettlingRow {
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
  }
}

function pairOf(
  { pairId, premise, hypothesis }: SettlingRow,
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
  const asked: Asked[] = []
  const open = new Set(rows.map(({ pairId }) => pairId))
  await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'settling.queue': (wanted) => {
      asked.push(wanted)
      const left = rows
        .filter(({ pairId }) => open.has(pairId) && !wanted.disputed)
        .map((known, position) => ({ ...known, position }))
      return {
        total: left.length,
        rows: left.slice(wanted.offset, wanted.offset + wanted.limit),
        counts: { open: left.length, settled: rows.length - left.length, compared: rows.length, raters: 2 },
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
  const { wrapper } = await mountView(View, '/review')
  useProjectStore().chooseRater(exampleId(901))
  await settled()
  const press = async (key: string, change: KeyboardEventInit = {}): Promise<void> => {
    const target = document.activeElement ?? document.body
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...change }))
    await settled()
  }
  return { wrapper, decided, asked, press }
}

test('with anything to settle, the queue comes first: kind, reasons, and the dots in words', async () => {
  const { wrapper } = await reviewOf([1, 2])
  expect(wrapper.findAll('[role="tab"]').map((tab) => tab.text())).toEqual([
    'Disagreements2',
    'Suggestions41',
    'Disputes3',
  ])
  const head = wrapper.get('[role="listitem"] button')
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
  await wrapper.findAll('[role="checkbox"]')[0]!.trigger('click')
  await settled()
  expect(asked.at(-1)).toMatchObject({ disputed: true, modelGap: false, includeSettled: false })
  expect(wrapper.get('.empty h2').text()).toBe('No pair fits')
  await wrapper.get('.empty button').trigger('click')
  await settled()
  expect(wrapper.findAll('button.head')).toHaveLength(1)
  wrapper.unmount()
})

test('with nothing to settle the tab comes last and says why', async () => {
  const { wrapper } = await reviewOf([])
  await wrapper.findAll('[role="tab"]').at(-1)!.trigger('mousedown')
  await settled()
  expect(wrapper.get('.empty h2').text()).toBe('No pair has two scores')
  wrapper.unmount()
})

test('an empty queue says what is needed', () => {
  const title = (settledPairs: number, compared: number, raters: number): string =>
    nothingToSettle({ settled: settledPairs, compared, raters }, 2).title
  expect([
    nothingToSettle(null, 0).title,
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
