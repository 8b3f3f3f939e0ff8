import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { reportSlowStatements } from './slowStatements.ts'

test('statements over the limit are reported with their text, and work as before', () => {
  const database = new Database(':memory:')
  const reported: string[] = []
  reportSlowStatements(database, (message) => reported.push(message), -1)
  const statement = database.prepare<[number], number>('SELECT\n  ? + 1').pluck()
  expect([statement.get(1), statement.all(2)]).toEqual([2, [3]])
  expect(reported.map((message) => message.replace(/^\d+/, 'n'))).toEqual([
    'n ms: SELECT ? + 1',
    'n ms: SELECT ? + 1',
  ])
  expect(() => database.prepare('SELECT ?').get()).toThrow('parameter')
  database.close()
})

test('quick ones are not', () => {
  const database = new Database(':memory:')
  const reported: string[] = []
  reportSlowStatements(database, (message) => reported.push(message), 60_000)
  database.prepare('SELECT 1').all()
  expect(reported).toEqual([])
  database.close()
})
