import type { z } from 'zod'

/** One call: what goes in and what comes back. */
export interface Method<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly input: Input
  readonly output: Output
}

/** Declares a method of a contract. */
export function method<Input extends z.ZodType, Output extends z.ZodType>(
  input: Input,
  output: Output,
): Method<Input, Output> {
  return { input, output }
}

/** What two sides say to each other: calls one way, events the other. */
export interface Contract {
  readonly methods: Readonly<Record<string, Method>>
  readonly events: Readonly<Record<string, z.ZodType>>
}

export type MethodName<C extends Contract> = keyof C['methods'] & string
export type EventName<C extends Contract> = keyof C['events'] & string
export type InputOf<C extends Contract, Name extends MethodName<C>> = z.input<C['methods'][Name]['input']>
export type ParsedInputOf<C extends Contract, Name extends MethodName<C>> = z.output<
  C['methods'][Name]['input']
>
export type OutputOf<C extends Contract, Name extends MethodName<C>> = z.output<C['methods'][Name]['output']>
export type EventOf<C extends Contract, Name extends EventName<C>> = z.output<C['events'][Name]>

/** The handlers that serve a contract; `signal` is aborted when the caller cancels or goes away. */
export type Handlers<C extends Contract> = {
  readonly [Name in MethodName<C>]: (
    input: ParsedInputOf<C, Name>,
    context: { readonly signal: AbortSignal },
  ) => OutputOf<C, Name> | Promise<OutputOf<C, Name>>
}
