import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// npm run bench -- NAME: runs one benchmark, which prints one table.

const names = readdirSync(fileURLToPath(new URL('.', import.meta.url)))
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()
const [name] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  console.error(`Usage: npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`)
  process.exit(1)
}
const { run } = (await import(new URL(`${name}.ts`, import.meta.url).href)) as { run: () => Promise<void> }
await run()
