import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, screenshots, test } from './app.ts'

const shot = (name: string): { path: string } => ({ path: join(screenshots, `raters-${name}.png`) })
const subjects = ['The ferry', 'A heron', 'The lamp', 'The clinic', 'Rain', 'The bakery']
const raters = ['Ada', 'Ben', 'Cleo', 'Dora']

/** Twenty-four pairs by four raters, of whom one scores higher than the others; every sixth pair splits them in two camps. */
function ratings(): string {
  const rows = Array.from({ length: 24 }, (_, pair) =>
    raters.map((rater, place) => {
      const base = ((pair * 37) % 81) / 100
      const camps = place < 2 ? 0.05 : 0.95
      const score = pair % 6 === 0 ? camps : Math.min(1, base + 0.02 * place + (rater === 'Dora' ? 0.15 : 0))
      const subject = subjects[pair % subjects.length] ?? ''
      return `day-${pair},${subject} was early on day ${pair}.,${subject} came on day ${pair}.,${score.toFixed(2)},${rater}`
    }),
  )
  return ['id,premise,hypothesis,score,rater', ...rows.flat()].join('\n')
}

async function see(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: view }).click()
  await expect(page.getByRole('heading', { name: view, level: 1 })).toBeAttached()
}

test('several raters: agreement measured, work split off and merged, pairs dealt, a disagreement settled', async ({
  page,
  home,
}) => {
  const project = join(home, 'Day notes.gradus')
  writeFileSync(join(home, 'ratings.csv'), ratings())
  const gradus = (...words: string[]): string =>
    execFileSync(process.execPath, ['out/main/gradus.js', ...words], {
      env: { ...process.env, GRADUS_HOME: join(home, 'command line') },
      encoding: 'utf8',
    })
  gradus('new', project)
  gradus('import', project, join(home, 'ratings.csv'))

  await test.step('open the project and read how far raters agree', async () => {
    await page.goto(new URL('#/projects', page.url()).href)
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Open a project file' }).click()
    await (await chooser).setFiles(project)
    await expect(page.getByRole('navigation').getByText('Day notes', { exact: true })).toBeVisible()
    await see(page, 'Agreement')
    await expect(page.getByText(/^α \.\d\d \[/)).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText('NaN')).toHaveCount(0)
    await page.screenshot(shot('1-agreement'))
  })

  await test.step('a new rater tunes in on three pairs and sees how it went', async () => {
    await see(page, 'Settings')
    await page.getByLabel('Calibration round, pairs').fill('3')
    await page.getByRole('button', { name: 'Choose pairs' }).click()
    await expect(page.getByLabel('Calibration round, pairs')).toHaveValue('3')
    await page.getByRole('button', { name: 'Rater at work' }).click()
    await page.getByText('Add a rater…').click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Fay')
    await page.keyboard.press('Enter')
    await see(page, 'Annotate')
    for (const place of [1, 2, 3]) {
      await expect(page.getByText(`Calibration round, ${place} of 3`)).toBeVisible()
      await page.keyboard.press('5')
      await page.keyboard.press('Enter')
    }
    await expect(page.getByText('The calibration round is done')).toBeVisible()
    await expect(page.getByText(/^Your scores are \.\d\d off on average/)).toBeVisible()
    await page.screenshot(shot('2-calibration'))
    await page.keyboard.press('Enter')
    await expect(page.getByRole('slider', { name: 'Score' })).toBeVisible()
  })

  await test.step('her work file goes elsewhere and comes back', async () => {
    await see(page, 'Settings')
    await page.getByRole('button', { name: 'Make a work file for Fay' }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Day notes - Fay.gradus' }).click()
    const file = join(home, 'from Fay.gradus')
    await (await download).saveAs(file)
    gradus('rate', file, '--rater', 'Fay', '--pair', 'day-7', '--score', '0.4')
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Merge a work file…' }).click()
    await (await chooser).setFiles(file)
    await expect(page.getByText(/: 1 new rating of Fay, 3 known/)).toBeVisible()
  })

  await test.step('deal every pair to raters', async () => {
    await page.getByRole('combobox', { name: 'Who rates what' }).click()
    await page.getByRole('option', { name: 'Every pair gets several raters' }).click()
    await page.getByLabel('Raters', { exact: true }).fill('5')
    await page.getByRole('button', { name: 'Use this plan and deal' }).click()
    await expect(page.getByRole('row', { name: /^Fay/ })).toContainText('21')
    await page.screenshot(shot('3-plan'))
  })

  await test.step('settle a pair that splits raters in two camps', async () => {
    await see(page, 'Review')
    await expect(page.getByText('two camps', { exact: true }).first()).toBeVisible()
    await page.screenshot(shot('4-disagreements'))
    const before = Number(
      await page
        .getByRole('status')
        .filter({ hasText: /pairs?$/ })
        .innerText()
        .then((text) => text.split(' ')[0]),
    )
    await page.keyboard.press('Enter')
    await page.keyboard.press('a')
    const form = page.getByRole('form', { name: /djudicate/ })
    await form.getByLabel('Score as a number').fill('0.7')
    await form.getByLabel('Reason').fill('The second text tells the day, too.')
    await page.screenshot(shot('5-adjudicate'))
    await page.keyboard.press('Control+Enter')
    await expect(page.getByRole('status').filter({ hasText: `${before - 1} pairs` })).toBeVisible()
  })
})
