import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, screenshots, test } from './app.ts'
import { writeImportFile } from './sampleFile.ts'

const shot = (name: string): { path: string } => ({ path: join(screenshots, `job-${name}.png`) })

test('import, rate by keyboard, undo, train, review, export, and the exported file says what was done', async ({
  page,
  home,
}) => {
  const file = join(home, 'harbour notes.csv')
  const expected = writeImportFile(file)
  const rail = page.getByRole('navigation')

  await test.step('create a project', async () => {
    await page
      .getByRole('link', { name: /Projects|Sample/ })
      .first()
      .click()
    await page.getByLabel('Title').fill('Harbour notes')
    await page.screenshot(shot('1-projects'))
    await page.getByRole('button', { name: 'Create project' }).click()
    await expect(rail.getByText('Harbour notes.gradus')).toBeVisible()
  })

  await test.step('import a file with bad rows', async () => {
    await page.getByRole('button', { name: 'Import a file' }).first().click()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose a file' }).click()
    await (await chooser).setFiles(file)
    await expect(page.getByText('First 50 rows')).toBeVisible()
    // One score is beyond the range that was meant, so the guess has to be corrected.
    await page.getByLabel('Scores to').fill('5')
    await page.getByLabel('Scores to').press('Tab')
    await expect(page.getByText('First 50 rows, 1 with a problem')).toBeVisible()
    await page.screenshot(shot('2-preview'))
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await expect(page.getByText(`${expected.rejected} rows rejected`)).toBeVisible()
    await page.screenshot(shot('3-imported'))
    await page.getByRole('button', { name: 'Show the pairs' }).click()
    await expect(page.getByRole('tabpanel').getByText(`${expected.pairs} pairs`)).toBeVisible()
  })

  const slider = page.getByRole('slider', { name: 'Score' })
  const committed: { premise: string; score: number | null }[] = []
  const premise = (): Promise<string> =>
    page.locator('article', { hasText: 'Premise' }).locator('p').first().innerText()

  await test.step('rate by keyboard', async () => {
    await rail.getByRole('link', { name: 'Annotate' }).click()
    await page.getByRole('button', { name: 'Add a rater' }).click()
    await page.getByLabel('Name').fill('Ada')
    await page.getByRole('button', { name: 'Add and use' }).click()
    await expect(slider).toHaveAttribute('aria-valuetext', 'unset')

    // Nothing set, nothing committed.
    const first = await premise()
    await page.keyboard.press('Enter')
    await expect(slider).toHaveAttribute('aria-valuetext', 'unset')
    expect(await premise()).toBe(first)

    const commit = async (keys: readonly string[], score: number | null): Promise<void> => {
      const shown = await premise()
      for (const key of keys) await page.keyboard.press(key)
      if (score !== null) {
        await expect(slider).toHaveAttribute('aria-valuetext', score.toFixed(2))
        await page.keyboard.press('Enter')
      }
      committed.push({ premise: shown, score })
      await expect(page.getByText(`${committed.length} of ${expected.pairs}`, { exact: true })).toBeVisible()
    }
    await commit(['7', 'ArrowRight', 'ArrowRight'], 0.72)
    await commit(['3', 'Shift+ArrowLeft'], 0.2)
    await commit(['Shift+Digit0'], 1)
    await commit(['n', '2'], null)
    await page.screenshot(shot('4-annotate'))
    await commit(['Home'], 0)
  })

  await test.step('undo across pairs, redo, and change an answer', async () => {
    await page.keyboard.press('Control+z')
    await expect(page.getByText(`4 of ${expected.pairs}`, { exact: true })).toBeVisible()
    expect(await premise()).toBe(committed[4]?.premise)
    await page.keyboard.press('Control+z')
    await expect(page.getByText(`3 of ${expected.pairs}`, { exact: true })).toBeVisible()
    expect(await premise()).toBe(committed[3]?.premise)
    await page.keyboard.press('Control+Shift+z')
    await expect(page.getByText(`4 of ${expected.pairs}`, { exact: true })).toBeVisible()
    await page.keyboard.press('Control+z')
    await expect(page.getByText(`3 of ${expected.pairs}`, { exact: true })).toBeVisible()
    await page.keyboard.press('5')
    await page.keyboard.press('Enter')
    committed[3] = { premise: committed[3]?.premise ?? '', score: 0.5 }
    committed.length = 4
    await expect(page.getByText(`4 of ${expected.pairs}`, { exact: true })).toBeVisible()
  })

  await test.step('see what the others gave, and dispute one score', async () => {
    for (let tries = 0; tries < 20; tries++) {
      if (
        await page
          .getByRole('button', { name: /Dispute the score of/ })
          .first()
          .isVisible()
      )
        break
      const shown = await premise()
      await page.keyboard.press('6')
      await page.keyboard.press('Enter')
      committed.push({ premise: shown, score: 0.6 })
      await expect(page.getByText(`${committed.length} of ${expected.pairs}`, { exact: true })).toBeVisible()
    }
    await page
      .getByRole('button', { name: /Dispute the score of/ })
      .first()
      .click()
    await page.getByLabel('Reason').fill('The day of the week was changed.')
    await page.screenshot(shot('5-dispute'))
    await page.getByRole('dialog').getByRole('button', { name: 'Record dispute' }).click()
    await expect(page.getByLabel('Previous pair').getByText('disputed')).toBeVisible()
    await page.screenshot(shot('6-disputed'))
  })

  await test.step('train', async () => {
    await rail.getByRole('link', { name: 'Train' }).click()
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Train again' })).toBeEnabled({ timeout: 120_000 })
    await expect(page.getByText(/held-out pairs/).first()).toBeVisible()
    await page.screenshot(shot('7-trained'))
  })

  let reviewed = ''
  await test.step('review the model’s doubts', async () => {
    // The keys work at once wherever the click was that led to the view.
    await rail.getByRole('link', { name: 'Annotate' }).click()
    await expect(slider).toBeFocused()
    await rail.getByRole('link', { name: 'Review' }).click()
    await page.getByRole('tab', { name: /Uncertain/ }).click()
    await expect(page.getByText(/heads range/).first()).toBeVisible()
    await page.screenshot(shot('8-review'))
    await page.getByRole('button', { name: 'Start reviewing' }).click()
    await expect(slider).toHaveAttribute('aria-valuetext', 'unset')
    reviewed = await premise()
    await page.keyboard.press('4')
    await page.screenshot(shot('9-from-review'))
    await page.keyboard.press('Enter')
    await expect(page.getByLabel('Previous pair')).toContainText('model')
    await rail.getByRole('link', { name: 'Review' }).click()
    await page.getByRole('tab', { name: /Uncertain/ }).click()
    await page.getByRole('tab', { name: /Disputed/ }).click()
    await expect(page.getByText('The day of the week was changed.')).toBeVisible()
    await page.screenshot(shot('10-disputes'))
  })

  await test.step('export the dataset and compare', async () => {
    await rail.getByRole('link', { name: 'Export' }).click()
    await page.getByRole('button', { name: 'Export dataset' }).click()
    const link = page.getByRole('link', { name: /ratings\.jsonl/ })
    await expect(link).toBeVisible()
    await page.screenshot(shot('11-export'))
    const download = page.waitForEvent('download')
    await link.click()
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const own = lines.filter((line) => line['rater'] === 'Ada' && line['current'] === true)
    const said = own.map((line) => ({ premise: line['premise'], score: line['score'] }))
    expect(said).toEqual(expect.arrayContaining([...committed, { premise: reviewed, score: 0.4 }]))
    expect(said).toHaveLength(committed.length + 1)
  })

  await test.step('export the weights', async () => {
    await page.getByRole('button', { name: 'Export weights' }).click()
    await expect(page.getByRole('link', { name: /heads\.onnx/ })).toBeVisible({ timeout: 60_000 })
  })
})
