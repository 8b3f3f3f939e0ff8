import { expect, startHost, test } from './app.ts'

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
