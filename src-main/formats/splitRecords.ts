import type { FileLayout, RejectionReason } from '#shared/contract/imports.ts'
import type { RawText } from './encoding.ts'
import { limits } from './limits.ts'

/** One row of a file as it stands there. */
export interface RawRecord {
  /** The physical line where the row begins, counted from 1: what an editor shows. */
  readonly line: number
  readonly raw: RawText
  /** The unquoted fields of a delimited row, or the whole line of a JSON Lines file as the only one. */
  readonly fields: readonly RawText[]
  readonly problem: { readonly reason: RejectionReason; readonly message: string } | null
}

export interface RecordSplitter {
  push(raw: RawText): RawRecord[]
  end(): RawRecord[]
}

type Scan =
  | { readonly kind: 'record'; readonly fields: RawText[]; readonly end: number; readonly next: number }
  | { readonly kind: 'broken'; readonly reason: RejectionReason; readonly message: string }
  | { readonly kind: 'more' }

/**
 * Splits raw text into rows as it comes. Blank lines are left out but counted. A quoted field that is not closed (within
 * 1,000 lines of its row, 256 Ki characters, or by the end of the file), or is followed by something other than a
 * separator, costs its own line only: reading goes on at the next physical line.
 * @param lineEnd `\n` (a `\r` before it is dropped), or `\r` in files that have nothing else.
 */
export function createRecordSplitter(layout: FileLayout, lineEnd: '\n' | '\r'): RecordSplitter {
  let pending = ''
  let line = 1
  let skipping = false

  const take = (final: boolean): RawRecord[] => {
    const records: RawRecord[] = []
    let start = 0
    while (start < pending.length) {
      const lineStop = pending.indexOf(lineEnd, start)
      if (lineStop < 0 && !final && (skipping || pending.length - start <= limits.record)) break
      const stop = lineStop < 0 ? pending.length : lineStop
      const next = lineStop < 0 ? pending.length : lineStop + 1
      if (skipping) {
        skipping = lineStop < 0
        start = next
        line += lineStop < 0 ? 0 : 1
        continue
      }
      const text = withoutReturn(pending.slice(start, stop))
      if (text.length > limits.record) {
        records.push({
          line,
          raw: text.slice(0, limits.rejectedText),
          fields: [],
          problem: { reason: 'text-too-long', message: tooLong },
        })
        skipping = lineStop < 0
        start = next
        line += lineStop < 0 ? 0 : 1
        continue
      }
      if (layout.format === 'jsonl' || layout.quoting === 'none' || !text.includes('"')) {
        if (!/^ *$/.test(text))
          records.push({
            line,
            raw: text,
            fields: layout.format === 'jsonl' ? [text] : text.split(layout.separator),
            problem: null,
          })
        start = next
        line += 1
        continue
      }
      const scan = scanQuoted(pending, start, layout.separator, lineEnd, final)
      if (scan.kind === 'more') break
      if (scan.kind === 'broken') {
        records.push({
          line,
          raw: text,
          fields: [],
          problem: { reason: scan.reason, message: scan.message },
        })
        start = next
        line += 1
        continue
      }
      const raw = pending.slice(start, scan.end)
      records.push({ line, raw, fields: scan.fields, problem: null })
      start = scan.next
      line += 1 + countOf(raw, lineEnd)
    }
    pending = pending.slice(start)
    return records
  }

  return {
    push(raw) {
      // While an over-long row is skipped, what has no line end is not worth keeping.
      pending = skipping && !raw.includes(lineEnd) ? '' : pending + raw
      return take(false)
    },
    end: () => take(true),
  }
}

const tooLong = `The row is longer than ${limits.record.toLocaleString('en')} characters.`

/** Reads one row with quotes, from `start` to the line end that is not inside a quoted field. */
function scanQuoted(text: RawText, start: number, separator: string, lineEnd: string, final: boolean): Scan {
  const fields: RawText[] = []
  const broken = (why: string): Scan => ({
    kind: 'broken',
    reason: 'broken-quote',
    message: `The quotation mark that opens field ${fields.length + 1} ${why}.`,
  })
  const notClosed = `is not closed within ${limits.quotedLines.toLocaleString('en')} lines`
  let position = start
  let lines = 0
  for (;;) {
    if (position - start > limits.record) return { kind: 'broken', reason: 'text-too-long', message: tooLong }
    if (text.charAt(position) !== '"') {
      let stop = position
      while (stop < text.length && text.charAt(stop) !== separator && text.charAt(stop) !== lineEnd) stop += 1
      if (stop - start > limits.record) return { kind: 'broken', reason: 'text-too-long', message: tooLong }
      if (stop === text.length && !final) return { kind: 'more' }
      if (text.charAt(stop) === separator) {
        fields.push(text.slice(position, stop))
        position = stop + 1
        continue
      }
      const last = withoutReturn(text.slice(position, stop))
      fields.push(last)
      return { kind: 'record', fields, end: position + last.length, next: stop + 1 }
    }

    let search = position + 1
    let close = -1
    let doubled = false
    for (;;) {
      close = text.indexOf('"', search)
      const reach = close < 0 ? text.length : close
      if (reach - position > limits.quotedCharacters) return broken(notClosed)
      if (close < 0) return final ? broken('is not closed before the end of the file') : { kind: 'more' }
      if (close + 1 === text.length && !final) return { kind: 'more' }
      if (text.charAt(close + 1) !== '"') break
      doubled = true
      search = close + 2
    }
    const inside = text.slice(position + 1, close)
    // Of all fields together: each of these lines may begin a row that is read as far again.
    lines += countOf(inside, lineEnd)
    if (lines > limits.quotedLines) return broken(notClosed)
    let after = close + 1
    // The carriage return of a line end may stand between the closing mark and the line feed.
    if (text.charAt(after) === '\r' && lineEnd === '\n') {
      if (after + 1 === text.length && !final) return { kind: 'more' }
      if (after + 1 === text.length || text.charAt(after + 1) === '\n') after += 1
    }
    const ends = after >= text.length || text.charAt(after) === lineEnd
    if (!ends && text.charAt(after) !== separator) return broken('is closed in the middle of the field')
    fields.push(doubled ? inside.replaceAll('""', '"') : inside)
    if (ends) return { kind: 'record', fields, end: close + 1, next: after + 1 }
    position = after + 1
  }
}

function withoutReturn(text: RawText): RawText {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}

function countOf(text: string, character: string): number {
  let count = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count += 1
  return count
}
