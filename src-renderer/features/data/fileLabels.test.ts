import { mount } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import type { LabelCounts } from '#shared/contract/imports.ts'
import { defaultClassScores } from '#shared/domain/classes.ts'
import { labelLines, lacksScore, toldLabels, type LabelChoices } from './fileLabels.ts'
import LabelsForm from './LabelsForm.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

const labels: LabelCounts = {
  found: [
    { label: 'Entailment', rows: 40 },
    { label: '-', rows: 12 },
    { label: 'maybe', rows: 7 },
    { label: '2', rows: 5 },
    { label: 'MAYBE', rows: 2 },
  ],
  further: 0,
  rows: 1_066,
  whole: true,
}

test('labels are read as classes where they are some; the others wait for a choice', () => {
  const choices: LabelChoices = {
    maybe: { kind: 'new', score: 0.3 },
    '2': { kind: 'class', name: 'contradiction' },
  }
  const chosen = (given: LabelChoices) =>
    labelLines(labels, defaultClassScores, given).map(({ choice }) => choice)
  expect([chosen({}), chosen(choices)]).toEqual([
    [{ kind: 'class', name: 'entailment' }, { kind: 'none' }, null, null, null],
    [
      { kind: 'class', name: 'entailment' },
      { kind: 'none' },
      { kind: 'new', score: 0.3 },
      { kind: 'class', name: 'contradiction' },
      { kind: 'class', name: 'maybe' },
    ],
  ])
  expect(toldLabels(choices)).toEqual({
    labelMeanings: [{ label: '2', className: 'contradiction' }],
    newClasses: [{ name: 'maybe', score: 0.3 }],
  })
})

test('a new class without a score is not told, and keeps the import from starting', () => {
  const open: LabelChoices = { maybe: { kind: 'new', score: null } }
  expect([toldLabels(open), lacksScore(open), lacksScore({ maybe: { kind: 'new', score: 0 } })]).toEqual([
    {},
    true,
    false,
  ])
})

test('an unknown label says what becomes of its rows, and gets a class with a score', async () => {
  let choices: LabelChoices = {}
  const wrapper = mount(LabelsForm, {
    attachTo: document.body,
    props: {
      labels,
      classes: defaultClassScores,
      modelValue: choices,
      'onUpdate:modelValue': (next: LabelChoices) => {
        choices = next
        void wrapper.setProps({ modelValue: next })
      },
    },
  })
  const select = (label: string) =>
    wrapper
      .findAllComponents({ name: 'Select' })
      .find((found) => found.props('label') === `Class of “${label}”`)!
  expect(wrapper.get('[role="status"]').text()).toBe(
    'In 1,066 rows, 3 labels without a class: 14 rows will be left out.',
  )
  expect(select('maybe').props('modelValue')).toBe('out')
  await select('maybe').setValue('new')
  await wrapper.get('input').setValue('0.3')
  await select('2').setValue('class contradiction')
  expect([choices, wrapper.get('[role="status"]').text(), select('MAYBE').props('modelValue')]).toEqual([
    { maybe: { kind: 'new', score: 0.3 }, '2': { kind: 'class', name: 'contradiction' } },
    'In 1,066 rows, every label has a class.',
    'class maybe',
  ])
  await select('maybe').setValue('out')
  expect([choices, wrapper.findAll('input').length]).toEqual([
    { '2': { kind: 'class', name: 'contradiction' } },
    0,
  ])
  wrapper.unmount()
})
