import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e',
  // The tests share two cores with training processes: one at a time keeps them honest.
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  outputDir: 'test-results',
})
