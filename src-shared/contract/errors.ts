import { z } from 'zod'

/**
 * Every failure that crosses a border has one of these codes. Three kinds:
 * what the user gave, what the machine lacks, and our own bugs (`unexpected`).
 */
export const userErrorCode = z.enum([
  'bad-request',
  'not-found',
  'no-project-open',
  'not-a-project',
  'project-newer',
  'project-in-use',
  'already-exists',
  'bad-file',
  'bad-options',
  'duplicate-name',
  'not-enough-labels',
  'no-model',
  'nothing-to-do',
  'job-running',
  'cancelled',
])
export const machineErrorCode = z.enum([
  'disk-full',
  'file-unreadable',
  'file-unwritable',
  'encoder-missing',
  'encoder-damaged',
  'worker-died',
  'disconnected',
  'unauthorised',
])
export const errorCode = z.enum([...userErrorCode.options, ...machineErrorCode.options, 'unexpected'])
export type ErrorCode = z.infer<typeof errorCode>

export const errorShape = z.object({
  code: errorCode,
  /** One sentence: what, where, what to do. */
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export type ErrorShape = z.infer<typeof errorShape>

/** A failure with a code, meant to be shown; anything else that is thrown is one of our bugs. */
export class GradusError extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined
  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'GradusError'
    this.code = code
    this.details = details
  }
}

/** What a caller is told whose input does not fit the contract. */
export function refusedInput(error: z.ZodError): GradusError {
  return new GradusError('bad-request', `The request does not fit the contract: ${z.prettifyError(error)}`)
}

/** What crosses the border for a thrown value; our own bugs keep their stack for the log, not for the screen. */
export function toErrorShape(thrown: unknown): ErrorShape {
  if (thrown instanceof GradusError)
    return {
      code: thrown.code,
      message: thrown.message,
      ...(thrown.details === undefined ? {} : { details: thrown.details }),
    }
  return {
    code: 'unexpected',
    message: `Unexpected: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  }
}

/** True for what the user gave (exit code 1); false for the machine's and our own failures (exit code 2). */
export function isUserError(code: ErrorCode): boolean {
  return userErrorCode.safeParse(code).success
}
