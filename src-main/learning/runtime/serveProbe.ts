import type { Port } from '#shared/rpc/port.ts'
import { serve } from '#shared/rpc/server.ts'
import { probe } from './probe.ts'
import { probeContract } from './probeContract.ts'

/** Serves probes over a port, until that closes. */
export function serveProbe(port: Port): void {
  serve(
    probeContract,
    port,
    {
      async probe(input) {
        try {
          return await probe(input)
        } catch (thrown) {
          return { failure: explain(thrown) }
        }
      },
    },
    (thrown, method) => console.error(`Probe, ${method}:`, thrown),
  )
}

const longest = 200

/** What a library says of its failure, as one sentence: ONNX Runtime puts its source line and condition in front. */
export function explain(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const [line = ''] = (text.split(/ was false\. /).at(-1) ?? '').trim().split('\n')
  const short = line.length > longest ? `${line.slice(0, longest)}…` : line
  return /[.!?…]$/.test(short) ? short : `${short}.`
}
