/** The screens that every page is looked at on: a wall, a wall of 4K, a phone. */
export const sizes = [[1920, 1080], [3840, 2160], [390, 844]]

/** Waits until a scene stands still: its values, its history and its fonts are there. */
export async function settled(page, scene) {
  await page.locator(`.scene.shown[data-scene="${scene}"] .widget`).first().waitFor()
  await page.locator('[data-role=connection][data-connected=true]').waitFor()
  await page.evaluate(() => document.fonts.ready)
  await page.waitForFunction(() => [...document.querySelectorAll('.scene.shown .chart')].every((c) => c.dataset.loaded === 'true'))
}
