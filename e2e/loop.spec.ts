import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, screenshots, test } from './app.ts'

const shot = (name: string): { path: string } => ({ path: join(screenshots, `loop-${name}.png`) })

async function see(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: view }).click()
  await expect(page.getByRole('heading', { name: view, level: 1 })).toBeAttached()
}

test('the loop: suggestions with their reasons, rated blind, a run that trains itself, evidence, and a replay', async ({
  page,
}) => {
  await test.step('let it train by itself after five ratings, without interaction heads at first', async () => {
    await see(page, 'Settings')
    await page.getByRole('checkbox', { name: 'Train again by itself after new ratings' }).check()
    await page.getByRole('spinbutton', { name: 'New ratings' }).fill('5')
    const section = page.locator('.card', { has: page.getByRole('heading', { name: 'Choosing pairs' }) })
    await section.getByRole('button', { name: 'Save' }).click()
    await expect(section.getByRole('button', { name: 'Save' })).toBeDisabled()
    await page.screenshot(shot('1-settings'))
    // The sample has ratings enough for a first run, which begins by itself.
    await see(page, 'Train')
    await expect(page.getByRole('button', { name: 'Train again' })).toBeEnabled({ timeout: 180_000 })
  })

  await test.step('every suggestion says why it is there, and opens in its place', async () => {
    await see(page, 'Review')
    await page.getByRole('tab', { name: /Uncertain/ }).click()
    await expect(page.getByText(/in batches of 20, 20% of the new pairs drawn at random/)).toBeVisible()
    await page.locator('button.head').first().click()
    await expect(page.getByText('Why it is here')).toBeVisible()
    await expect(page.getByText('Nearest rated pairs')).toBeVisible()
    await expect(page.getByText('NaN')).toHaveCount(0)
    await page.screenshot(shot('2-review'))
    await page.keyboard.press('Escape')
  })

  await test.step('keep a filter under a name, and decide about two pairs at once', async () => {
    await page.getByRole('button', { name: 'Saved' }).click()
    await page.getByRole('menuitem', { name: 'Save this list…' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('My doubts')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: 'My doubts' })).toBeVisible()
    await page.locator('button.head').first().focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Shift+ArrowDown')
    await expect(page.getByText(/^2 selected/)).toBeVisible()
    await page.screenshot(shot('3-selected'))
    await page.keyboard.press('Escape')
  })

  await test.step('rate five of them blind; a new run is trained meanwhile and says what it changed', async () => {
    await page.getByRole('button', { name: 'Start reviewing' }).click()
    await page
      .getByRole('main')
      .getByRole('button', { name: /ratings?$/ })
      .first()
      .click()
    const slider = page.getByRole('slider', { name: 'Score' })
    for (const key of ['2', '4', '6', '8', '5']) {
      await expect(slider).toHaveAttribute('aria-valuetext', 'unset')
      await expect(page.getByText('Drawn at random')).toHaveCount(0)
      await page.keyboard.press(key)
      await page.keyboard.press('Enter')
    }
    await expect(page.getByText(/^Run 2: /)).toBeVisible({ timeout: 180_000 })
    await page.screenshot(shot('4-changed'))
  })

  await test.step('read what labels are worth', async () => {
    await see(page, 'Train')
    await expect(page.getByRole('heading', { name: 'Progress' })).toBeVisible()
    await expect(page.getByText(/^\d+ labels: \d+ at random/)).toBeVisible({ timeout: 60_000 })
    await expect(page.getByText('NaN')).toHaveCount(0)
    await page.getByRole('heading', { name: 'Progress' }).scrollIntoViewIfNeeded()
    await page.screenshot(shot('5-progress'))
  })

  await test.step('replay the labels', async () => {
    await page.getByRole('button', { name: 'Replay strategies' }).click()
    await page.getByLabel('Seeds').fill('2')
    await page.getByRole('button', { name: 'Replay', exact: true }).click()
    const verdict = page.getByText(/^On these \d+ labels/)
    await expect(verdict).toBeVisible({ timeout: 120_000 })
    await expect(page.getByText('NaN')).toHaveCount(0)
    await verdict.scrollIntoViewIfNeeded()
    await page.screenshot(shot('6-replay'))
  })
})
