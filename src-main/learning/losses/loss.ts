import type { Operations } from '../graph/operations.ts'

/**
 * How far scores are from their targets, for each member on its own.
 * score [members × rows], target [rows], weight [members × rows] (≥ 0, not all 0) → [members].
 */
export type Loss = <T>(operations: Operations<T>, score: T, target: T, weight: T) => T
