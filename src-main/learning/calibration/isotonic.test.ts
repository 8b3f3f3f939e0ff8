import { describe, expect, test } from 'vitest'
import { reliability } from '../metrics/reliability.ts'
import { applyIsotonic, fitIsotonic } from './isotonic.ts'

describe('isotonic map', () => {
  test('pools violators to their mean and averages equal values first', () => {
    // By hand: 3 and 2 at 2, 3 pool to 2.5; the two 4s average 5 first.
    const map = fitIsotonic([1, 2, 3, 4, 4, 5], [1, 3, 2, 4, 6, 7], [1, 1, 1, 1, 1, 1])
    expect({ from: [...map.from], to: [...map.to] }).toEqual({
      from: [1, 2, 3, 4, 5],
      to: [1, 2.5, 2.5, 5, 7],
    })
    expect([...applyIsotonic(map, [0, 1, 1.5, 2.4, 3.5, 9])]).toEqual([1, 1, 1.75, 2.5, 3.75, 7])
  })

  test('weights move the pooled mean; falling targets become one constant', () => {
    const map = fitIsotonic([1, 2], [1, 0], [3, 1])
    expect([...applyIsotonic(map, [0, 1.5, 3])]).toEqual([0.75, 0.75, 0.75])
  })

  test('fitted on some rows, it calibrates the scores of others', () => {
    // The target is about the score's square root.
    const rowsOf = (from: number): Record<'score' | 'target' | 'rows', number[]> => {
      const rows = Array.from({ length: 400 }, (_, index) => from + index)
      const score = rows.map((row) => ((row * 37) % 400) / 400)
      return {
        rows,
        score,
        target: score.map((value, row) => Math.sqrt(value) + 0.1 * Math.sin(7 * row + from)),
      }
    }
    const [validation, other] = [rowsOf(0), rowsOf(1000)]
    const map = fitIsotonic(validation.score, validation.target, new Uint8Array(400).fill(1))
    const before = reliability(other.score, other.target, other.rows)
    const after = reliability(applyIsotonic(map, other.score), other.target, other.rows)
    expect(before.calibrationError).toBeGreaterThan(0.15)
    expect(after.calibrationError).toBeLessThan(0.02)
  })
})
