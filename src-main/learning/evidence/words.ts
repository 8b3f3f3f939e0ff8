/** A number as statistics prints it: ".81", "−.05", "1.00". */
export function figureWord(value: number, decimals = 2): string {
  const digits = Math.abs(value)
    .toFixed(decimals)
    .replace(/^0(?=\.)/, '')
  return (value < 0 && Number(digits) !== 0 ? '−' : '') + digits
}

/** A count with its noun: "1 pair", "1,240 pairs". */
export function countWord(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`
}
