import { serveBackend } from './serveBackend.ts'

// Ctrl+C in a terminal reaches every process; main ends this one in good order.
process.on('SIGINT', () => undefined)
serveBackend(process.parentPort, () => process.exit(0))
