/** What Node and browsers both have and this folder, which belongs to neither, may use. */
interface AbortSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
declare class AbortController {
  readonly signal: AbortSignal
  abort(): void
}
declare function structuredClone<T>(value: T): T
declare function queueMicrotask(callback: () => void): void
