import { monotonicFactory } from 'ulid'

/** Makes a ULID. Within this process each one sorts after the one before, whatever the clock does. */
export const newId: () => string = (() => {
  const next = monotonicFactory()
  return () => next()
})()
