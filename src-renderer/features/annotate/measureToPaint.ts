import { nextTick } from 'vue'

const kept = 1000

function record(name: string, since: number): void {
  if (performance.getEntriesByName(name).length >= kept) performance.clearMeasures(name)
  performance.measure(name, { start: since, end: performance.now() })
}

/**
 * Records two performance measures from `since` (a time of performance.now): `<name>` to where the document holds the new
 * state, `<name>.painted` to the end of the frame that draws it. Some thousand are kept.
 */
export function measureToPaint(name: string, since: number): void {
  void nextTick(() => {
    record(name, since)
    requestAnimationFrame(() => {
      // The frame is drawn once the task after its callbacks runs.
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        record(`${name}.painted`, since)
      }
      port2.postMessage(null)
    })
  })
}
