import { expect, test } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import {
  changedFields,
  configurationFields,
  defaultDraft,
  isIdle,
  lossOptions,
  readConfiguration,
} from './configurationForm.ts'

test('the form has every field of the configuration once and starts with the shipped settings', () => {
  const shipped = trainingConfiguration.parse({})
  expect(configurationFields.map((field) => field.key).sort()).toEqual(Object.keys(shipped).sort())
  expect(readConfiguration(defaultDraft())).toEqual({ kind: 'valid', configuration: shipped })
  expect(changedFields(defaultDraft())).toBe(0)
  expect(lossOptions[0]?.value).toBe(shipped.loss)
})

test('bad fields are named with what they take, and a decimal comma is a point', () => {
  const draft = {
    ...defaultDraft(),
    dropout: '0,25',
    batchSize: '2',
    seed: '1.5',
    patience: '',
    tolerance: '2',
  }
  expect([readConfiguration(draft), changedFields(draft)]).toEqual([
    {
      kind: 'invalid',
      problems: {
        seed: 'A whole number from 0 to 4294967295',
        batchSize: 'Rows, 4–1024',
        patience: 'Epochs, 1–100',
        tolerance: '0.01–1; empty: as people differ',
      },
    },
    5,
  ])
  expect(readConfiguration({ ...defaultDraft(), dropout: '0,25' })).toMatchObject({
    configuration: { dropout: 0.25 },
  })
})

test('choices and switches are read, and an empty tolerance is none', () => {
  const draft = { ...defaultDraft(), loss: 'huber' as const, densityWeighting: true, tolerance: ' 0.2 ' }
  expect([readConfiguration(draft), changedFields(draft)]).toMatchObject([
    { configuration: { loss: 'huber', densityWeighting: true, tolerance: 0.2 } },
    3,
  ])
  expect(readConfiguration({ ...draft, tolerance: ' ' })).toMatchObject({
    configuration: { tolerance: null },
  })
})

test('fields of an interaction head that is not trained are idle and stand in no way', () => {
  const draft = { ...defaultDraft(), interaction: false, interactionWidth: 'wide' }
  expect(configurationFields.filter((field) => isIdle(field, draft)).map(({ key }) => key)).toEqual([
    'interactionWidth',
    'interactionDropout',
    'interactionLearningRate',
    'interactionBatchSize',
    'interactionEpochs',
  ])
  expect(readConfiguration(draft)).toMatchObject({
    kind: 'valid',
    configuration: { interaction: false, interactionWidth: 200 },
  })
  expect(readConfiguration({ ...draft, interaction: true })).toMatchObject({ kind: 'invalid' })
})
