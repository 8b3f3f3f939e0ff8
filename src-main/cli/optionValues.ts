import { InvalidArgumentError } from 'commander'

/** Reads a whole number between two bounds, ends included. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`)
    return value
  }
}

/** Reads a number between two bounds, ends included. */
export function decimal(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < low || value > high)
      throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`)
    return value
  }
}

/** Reads a text without the spaces around it, of a length between two bounds, ends included. */
export function textOfLength(low: number, high: number): (text: string) => string {
  return (text) => {
    const trimmed = text.trim()
    if (trimmed.length < low || trimmed.length > high)
      throw new InvalidArgumentError(`Give ${low} to ${high} characters.`)
    return trimmed
  }
}
