import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const main = (path: string): string => resolve(import.meta.dirname, 'src-main', path)

/** One build: main holds the hosts, the backend, the command line and the worker processes. */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: {
          start: main('start.ts'),
          electron: main('host-electron/main.ts'),
          'electron-backend': main('host-electron/backendProcess.ts'),
          gradus: main('cli/main.ts'),
          'encode.worker': main('encoder/encode.worker.ts'),
          'train.worker': main('learning/train.worker.ts'),
          'probe.worker': main('learning/runtime/probe.worker.ts'),
          'agreement.worker': main('agreement/agreement.worker.ts'),
          'replay.worker': main('learning/replay/replay.worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: { preload: main('host-electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(import.meta.dirname, 'src-renderer'),
    plugins: [vue()],
    build: {
      outDir: resolve(import.meta.dirname, 'out/renderer'),
      assetsInlineLimit: 0,
      minify: true,
      rolldownOptions: { input: resolve(import.meta.dirname, 'src-renderer/index.html') },
    },
  },
})
