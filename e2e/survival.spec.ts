import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, screenshots, skipWhere, startHost, test } from './app.ts'

test('a killed program comes back with every acknowledged rating, and says so in the window', async ({
  page,
  host,
  home,
}) => {
  await page.getByRole('button', { name: /Wren/ }).first().click()
  const slider = page.getByRole('slider', { name: 'Score' })
  await expect(slider).toHaveAttribute('aria-valuetext', 'unset')
  const done = async (): Promise<number> =>
    Number(/(\d+) of 222/.exec(await page.getByText(/^\d+ of 222$/).innerText())?.[1])
  const before = await done()
  for (const key of ['2', '5', '8']) {
    await page.keyboard.press(key)
    await page.keyboard.press('Enter')
    await expect(slider).toHaveAttribute('aria-valuetext', 'unset')
  }
  await expect(page.getByText(`${before + 3} of 222`, { exact: true })).toBeVisible()
  await page.keyboard.press('9')
  await host.kill()
  await expect(page.getByText(/backend has stopped/)).toBeVisible()

  const again = await startHost(home, new URL(host.address).port)
  try {
    await page.goto(again.address)
    await expect(page.getByText(`${before + 3} of 222`, { exact: true })).toBeVisible()
  } finally {
    await again.kill()
  }
})

/** The process that trains for `host`, as soon as there is one. */
async function trainingProcess(host: number): Promise<number> {
  for (let tries = 0; tries < 2000; tries++) {
    const found = spawnSync('pgrep', ['-P', String(host), '-f', 'train.worker'], { encoding: 'utf8' })
    const pid = Number.parseInt(found.stdout)
    if (Number.isInteger(pid)) return pid
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('No training process was started')
}

test('a training whose process is killed says what happened, and rating and training go on', async ({
  page,
  host,
}, info) => {
  skipWhere(process.platform === 'win32', info, 'there is no SIGKILL on Windows')
  await page.getByRole('button', { name: /Wren/ }).first().click()
  const rail = page.getByRole('navigation')
  await rail.getByRole('link', { name: 'Train' }).click()
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  process.kill(await trainingProcess(host.process.pid!), 'SIGKILL')
  await expect(page.getByText(/training process was ended by SIGKILL/).first()).toBeVisible()
  await page.screenshot({ path: join(screenshots, 'train-killed.png') })

  await rail.getByRole('link', { name: 'Annotate' }).click()
  const progress = page.getByText(/^\d+ of 222$/)
  const before = Number.parseInt(await progress.innerText())
  await page.keyboard.press('7')
  await page.keyboard.press('Enter')
  await expect(page.getByText(`${before + 1} of 222`, { exact: true })).toBeVisible()

  await rail.getByRole('link', { name: 'Train' }).click()
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Train again' })).toBeEnabled({ timeout: 120_000 })
})
