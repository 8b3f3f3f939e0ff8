import { join } from 'node:path'
import { expect, screenshots, test } from './app.ts'

const shot = (name: string): { path: string } => ({ path: join(screenshots, `runs-${name}.png`) })

test('a cancelled training goes on, and its run is judged, compared and restored', async ({ page }) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Train' }).click()
  const run = (number: number): ReturnType<typeof page.getByRole> =>
    page.getByRole('row', { name: new RegExp(`What to do with run ${number}$`) })
  const choose = async (number: number, item: string): Promise<void> => {
    await page.getByRole('button', { name: `What to do with run ${number}` }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }

  await test.step('cancel in the middle, and go on', async () => {
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await expect(page.getByText(/interaction, epoch \d/)).toBeVisible({ timeout: 120_000 })
    await page.screenshot(shot('1-live'))
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expect(run(1)).toContainText('cancelled')
    await choose(1, 'Go on training')
    await expect(run(1)).toContainText('in use', { timeout: 120_000 })
    await page.screenshot(shot('2-gone-on'))
  })

  await test.step('look at every side of it', async () => {
    for (const tab of ['Calibration', 'Abstention', 'Threshold', 'Slices', 'Overview']) {
      await page.getByRole('tab', { name: tab }).click()
      await expect(page.getByRole('tabpanel')).toBeVisible()
      await expect(page.getByText('NaN')).toHaveCount(0)
    }
    await expect(page.getByText(/^Scores are given by/)).toBeVisible()
  })

  await test.step('train again without interaction heads, compare, and take the first model back', async () => {
    await page.getByRole('button', { name: 'Advanced' }).click()
    await page.getByRole('checkbox', { name: /Train them/ }).uncheck()
    await page.getByRole('button', { name: 'Train again' }).click()
    await expect(run(2)).toContainText('in use', { timeout: 120_000 })
    await choose(1, 'Compare with run 2, in use')
    await expect(page.getByRole('dialog').getByText('Interaction heads', { exact: true })).toBeVisible()
    await page.screenshot(shot('3-compared'))
    await page.keyboard.press('Escape')
    await choose(1, 'Use this model')
    await expect(run(1)).toContainText('in use', { timeout: 60_000 })
  })
})
