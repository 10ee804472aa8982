// Each scene on an ordinary day looks as it did when somebody last looked at it; compare.mjs says how that is told. UPDATE=1 takes new pictures.
import { launch } from './browser.mjs'
import { compare, settle } from './compare.mjs'
import { inhabit, scenes, serve, urgent, world } from './fake.mjs'
import { settled } from './sizes.mjs'

const now = Date.parse('2026-11-23T03:12:00Z')
const tolerance = 0.002

const server = await serve()
const browser = await launch()

/** Looks at scenes on one screen. Scale is that of the picture. */
async function look(width, height, scale, theme, list) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const w = world('calm', now)
  const line = await inhabit(page, w)
  await page.goto(`${server.url}/?theme=${theme}&lang=vi&scene=province`)
  await settled(page, 'province')
  for (const id of list) {
    line.show(id, true)
    await settled(page, id)
    await page.waitForTimeout(300)
    compare(`${id}-${theme}-${width}`, await page.screenshot({ fullPage: width < 900 }), tolerance)
  }
  w.alarms.push(urgent(w)) // for a page that comes back
  line.last().send({ type: 'alarm', epoch: 'a', offset: 2, alarm: urgent(w) })
  await page.locator('.take-over').waitFor()
  compare(`take-over-${theme}-${width}`, await page.screenshot(), tolerance)
  await context.close()
}

try {
  const all = scenes.map((s) => s.id)
  await look(1920, 1080, 0.33, 'dark', all)
  await look(3840, 2160, 0.165, 'dark', all)
  await look(390, 844, 0.5, 'dark', all)
  await look(1920, 1080, 0.33, 'light', ['province', 'services', 'environment', 'targets'])
} finally {
  await browser.close()
  server.close()
}
settle()
