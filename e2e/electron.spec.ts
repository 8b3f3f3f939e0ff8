import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron } from '@playwright/test'
import { expect, skipWhere, test } from './app.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'node_modules', 'electron')
const named = join(folder, 'path.txt')
const binary = existsSync(named) ? join(folder, 'dist', readFileSync(named, 'utf8')) : ''

test('Electron: the window opens the sample, keeps a rating, and quits in good order', async ({
  home,
}, info) => {
  skipWhere(!existsSync(binary), info, "Electron's binary is not on this machine")
  skipWhere(process.platform === 'linux' && !process.env['DISPLAY'], info, 'there is no display for a window')
  const start = (): ReturnType<typeof _electron.launch> =>
    _electron.launch({
      executablePath: binary,
      args: ['--no-sandbox', join(root, 'out/main/electron.js')],
      env: { ...process.env, GRADUS_HOME: home },
    })

  const app = await start()
  const page = await app.firstWindow()
  await page.getByRole('button', { name: /Wren/ }).first().click()
  const progress = page.getByText(/^\d+ of 222$/)
  const before = Number.parseInt(await progress.innerText())
  await page.keyboard.press('7')
  await page.keyboard.press('Enter')
  await expect(page.getByText(`${before + 1} of 222`, { exact: true })).toBeVisible()
  expect(await page.evaluate(() => 'require' in globalThis || 'process' in globalThis)).toBe(false)
  await app.close()

  const again = await start()
  await expect((await again.firstWindow()).getByText(`${before + 1} of 222`, { exact: true })).toBeVisible()
  await again.close()
})
