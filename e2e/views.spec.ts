import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from '@playwright/test'
import { expect, screenshots, test } from './app.ts'

const views = ['Annotate', 'Review', 'Train', 'Agreement', 'Data', 'Export', 'Settings'] as const

/** What a person who cannot see, or hardly, would stumble over: axe's rules of WCAG 2.2 A and AA. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { passes, violations } = await (window as unknown as { axe: typeof import('axe-core') }).axe.run(
      document,
      {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      },
    )
    if (passes.length === 0) throw new Error('axe has looked at nothing')
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
  })
}

test('the sample project gives every view something to show, without barriers, in both themes', async ({
  page,
}) => {
  await page.getByRole('button', { name: /Ines/ }).first().click()
  const rail = page.getByRole('navigation')
  await rail.getByRole('link', { name: 'Train' }).click()
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Train again' })).toBeEnabled({ timeout: 120_000 })

  const found: Record<string, string[]> = {}
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    for (const view of views) {
      await rail.getByRole('link', { name: view }).click()
      await expect(page.getByRole('heading', { name: view, level: 1 })).toBeAttached()
      await expect(page.locator('.skeleton')).toHaveCount(0)
      await page.waitForTimeout(300)
      await page.screenshot({ path: join(screenshots, `${view.toLowerCase()}-${theme}.png`) })
      const complaints = await barriers(page)
      if (complaints.length > 0) found[`${view}, ${theme}`] = complaints
    }
  }
  expect(found).toEqual({})
})

test('at 200% zoom every view can be used without scrolling sideways', async ({ page }) => {
  // A 1280 × 800 window at 200% leaves this many CSS pixels.
  await page.setViewportSize({ width: 640, height: 400 })
  await page.getByRole('button', { name: /Ines/ }).first().click()
  for (const view of views) {
    await page.goto(new URL(`#/${view.toLowerCase()}`, page.url()).href)
    await expect(page.getByRole('heading', { name: view, level: 1 })).toBeAttached()
    await page.waitForTimeout(200)
    await page.screenshot({ path: join(screenshots, `${view.toLowerCase()}-zoomed.png`) })
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      view,
    ).toBeLessThanOrEqual(0)
  }
})
