import { expect, test } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { changedFields, configurationFields, defaultTexts, readConfiguration } from './configurationForm.ts'

test('the form has every field of the configuration and starts with the shipped settings', () => {
  const shipped = trainingConfiguration.parse({})
  expect(configurationFields.map((field) => field.key).sort()).toEqual(Object.keys(shipped).sort())
  expect(readConfiguration(defaultTexts())).toEqual({ kind: 'valid', configuration: shipped })
  expect(changedFields(defaultTexts())).toBe(0)
})

test('bad fields are named with what they take, and a decimal comma is a point', () => {
  const texts = { ...defaultTexts(), dropout: '0,25', batchSize: '2', seed: '1.5', patience: '' }
  expect([readConfiguration(texts), changedFields(texts)]).toEqual([
    {
      kind: 'invalid',
      problems: {
        seed: 'A whole number from 0 to 4294967295',
        batchSize: 'Rows, 4–1024',
        patience: 'Epochs without gain, 1–100',
      },
    },
    4,
  ])
  expect(readConfiguration({ ...defaultTexts(), dropout: '0,25' })).toMatchObject({
    configuration: { dropout: 0.25 },
  })
})
