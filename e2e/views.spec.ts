import { join } from 'node:path'
import { expect, screenshots, test } from './app.ts'

const views = ['Annotate', 'Review', 'Train', 'Data', 'Export', 'Settings'] as const

test('the sample project gives every view something to show, in both themes', async ({ page }) => {
  await page.getByRole('button', { name: /Ines/ }).first().click()
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    for (const view of views) {
      await page.getByRole('navigation').getByRole('link', { name: view }).click()
      await expect(page.getByRole('heading', { name: view, level: 1 })).toBeAttached()
      await page.waitForTimeout(400)
      await page.screenshot({ path: join(screenshots, `${view.toLowerCase()}-${theme}.png`) })
    }
  }
})
