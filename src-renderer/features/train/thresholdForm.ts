import type { DecisionCosts } from '#shared/domain/judging.ts'

/** What stands in the fields of the threshold designer, as it was typed. */
export interface ThresholdTexts {
  readonly wrongYes: string
  readonly wrongNo: string
  readonly abstention: string
  readonly truth: string
  readonly wanted: string
}

export const startTexts: ThresholdTexts = {
  wrongYes: '1',
  wrongNo: '1',
  abstention: '0.25',
  truth: '0.5',
  wanted: '0.9',
}

/** What is asked; a question is null where one of its fields cannot be read, and `problems` says why. */
export interface ReadThreshold {
  readonly truth: number | null
  readonly costs: DecisionCosts | null
  readonly wanted: number | null
  readonly problems: Readonly<Partial<Record<keyof ThresholdTexts, string>>>
}

const highestCost = 1e9

/** A number between two ends; a decimal comma is read as a point. */
function readNumber(text: string, high: number): number | null {
  const trimmed = text.trim().replace(',', '.')
  const value = trimmed === '' ? Number.NaN : Number(trimmed)
  return Number.isFinite(value) && value >= 0 && value <= high ? value : null
}

/** Reads the fields; each bad one is named with what it takes. */
export function readThreshold(texts: ThresholdTexts): ReadThreshold {
  const problems: Partial<Record<keyof ThresholdTexts, string>> = {}
  const read = (key: keyof ThresholdTexts, high: number, takes: string): number | null => {
    const value = readNumber(texts[key], high)
    if (value === null) problems[key] = takes
    return value
  }
  const aCost = 'A number from 0'
  const wrongYes = read('wrongYes', highestCost, aCost)
  const wrongNo = read('wrongNo', highestCost, aCost)
  const abstention = read('abstention', highestCost, aCost)
  const truth = read('truth', 1, 'A score, 0–1')
  const wanted = read('wanted', 1, 'A share, 0–1')
  const known = wrongYes !== null && wrongNo !== null && abstention !== null
  const free = known && wrongYes === 0 && wrongNo === 0
  if (free) problems.wrongYes = 'Where no mistake costs anything, any threshold does: name a cost.'
  return { truth, costs: known && !free ? { wrongYes, wrongNo, abstention } : null, wanted, problems }
}
