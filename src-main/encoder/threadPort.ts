import type { MessagePort, Worker } from 'node:worker_threads'
import type { Port } from '#shared/rpc/port.ts'

/** The port of a thread to the one that started it. */
export function portFromThread(port: MessagePort): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close(),
  }
}

/** The port to a started thread; it closes when the thread ends, however that comes. */
export function portToThread(thread: Worker): Port {
  return {
    post: (message) => thread.postMessage(message),
    onMessage: (listener) => void thread.on('message', listener),
    onClose: (listener) => void thread.once('exit', listener),
    close: () => void thread.terminate(),
  }
}
