// Every tab of the console on an ordinary day, and the editor of scenes, look as they did when somebody last looked at them, on each screen,
// dark and light; compare.mjs says how that is told. UPDATE=1 takes new pictures.
import { launch } from './browser.mjs'
import { compare, settle } from './compare.mjs'
import { alarms, consoleAnswer } from './fake-console.mjs'
import { inhabit, scenes, serve, world } from './fake.mjs'
import { fakeScenes } from './fake-scenes.mjs'

const now = Date.parse('2026-11-23T03:12:00Z')
/** Much of a desk is empty: what moves there is a small share of it. On a phone the strip of tabs stands some pixels to the left or the right. */
const tolerance = (width) => (width < 900 ? 0.005 : 0.002)
const places = {
  alarms: 'tab=alarms', alarm: 'tab=alarms&alarm=gw-01', feeds: 'tab=feeds', cameras: 'tab=cameras', sensors: 'tab=sensors', tickets: 'tab=tickets', search: 'tab=search', map: 'tab=map',
  statistics: 'tab=statistics',
}

const server = await serve()
const browser = await launch()

/** Looks at all tabs on one screen. Scale is that of the picture. */
async function look(width, height, scale, theme) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const w = world('calm', now)
  w.alarms = alarms(w)
  await inhabit(page, w, consoleAnswer)
  for (const [name, place] of Object.entries(places)) {
    await page.goto(`${server.url}/console.html?${place}&lang=vi&theme=${theme}`)
    await page.locator('[data-role=connection][data-connected=true]').waitFor()
    // Until what the tab shows has come: a row, a point, a number.
    await page.locator('main :is([data-row], .point, .measures [data-grade=ok])').first().waitFor()
    await page.waitForFunction(() => !document.querySelector('main [role=status].quiet, .panel [role=status].quiet'))
    await page.evaluate(() => document.fonts.ready)
    await page.waitForTimeout(200)
    compare(`console-${name}-${theme}-${width}`, await page.screenshot(), tolerance(width))
  }
  await page.close()
  const editor = await context.newPage()
  const calm = world('calm', now)
  await inhabit(editor, calm)
  const { save } = await fakeScenes(editor, calm, now)
  save('hotline', scenes.find((s) => s.id === 'hotline'), 'thêm biểu đồ theo giờ')
  await editor.goto(`${server.url}/edit.html?scene=hotline&lang=vi&theme=${theme}`)
  // On a phone there is no room for the scene itself, and nothing of it is drawn.
  await editor.locator('.drawn .widget [data-role="value"]').first().waitFor({ state: width < 900 ? 'attached' : 'visible' })
  if (width >= 900) {
    await editor.waitForFunction(() => !document.querySelector('.drawn .chart[data-loaded="false"]'))
    await editor.locator('.grip[data-widget="0"]').click()
  }
  await editor.evaluate(() => document.fonts.ready)
  await editor.waitForTimeout(300)
  compare(`edit-${theme}-${width}`, await editor.screenshot(), tolerance(width))
  await context.close()
}

try {
  for (const theme of ['light', 'dark']) {
    await look(1920, 1080, 0.5, theme)
    await look(3840, 2160, 0.25, theme)
    await look(390, 844, 0.5, theme)
  }
} finally {
  await browser.close()
  server.close()
}
settle()
