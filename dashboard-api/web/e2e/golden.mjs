// Each scene on an ordinary day looks as it did when somebody last looked at it: compared with the pictures in golden/.
// UPDATE=1 takes new ones. They are a third of the screen's size or less: enough to see what moved, small enough to keep.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'

import { launch } from './browser.mjs'
import { inhabit, scenes, serve, urgent, world } from './fake.mjs'
import { settled } from './sizes.mjs'

const folder = join(new URL('.', import.meta.url).pathname, 'golden')
const seenIn = process.env.PICTURES ?? join(tmpdir(), 'ioc-golden')
const update = process.env.UPDATE === '1'
const now = Date.parse('2026-11-23T03:12:00Z')
/** The share of the pixels that may differ: another version of the browser draws edges of letters a little differently. */
const tolerance = 0.01

const server = await serve()
const browser = await launch()
const wrong = []
let compared = 0

function compare(name, picture) {
  const file = join(folder, `${name}.png`)
  if (update) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, picture)
    return
  }
  if (!existsSync(file)) {
    wrong.push(`${name}: there is no golden picture; look at the page, then run with UPDATE=1`)
    return
  }
  const want = PNG.sync.read(readFileSync(file))
  const got = PNG.sync.read(picture)
  compared++
  const same = want.width === got.width && want.height === got.height
  const diff = new PNG({ width: want.width, height: want.height })
  const pixels = same ? pixelmatch(want.data, got.data, diff.data, want.width, want.height, { threshold: 0.2 }) : Infinity
  if (pixels <= tolerance * want.width * want.height) return
  mkdirSync(seenIn, { recursive: true })
  writeFileSync(join(seenIn, `${name}.png`), picture)
  if (same) writeFileSync(join(seenIn, `${name}.diff.png`), PNG.sync.write(diff))
  wrong.push(same ? `${name}: ${pixels} pixels differ, see ${seenIn}` : `${name}: ${got.width}×${got.height}, was ${want.width}×${want.height}`)
}

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
    compare(`${id}-${theme}-${width}`, await page.screenshot({ fullPage: width < 900 }))
  }
  w.alarms.push(urgent(w)) // for a page that comes back
  line.last().send({ type: 'alarm', epoch: 'a', offset: 2, alarm: urgent(w) })
  await page.locator('.take-over').waitFor()
  compare(`take-over-${theme}-${width}`, await page.screenshot())
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
assert.deepEqual(wrong, [])
console.log(update ? 'new golden pictures: look at each of them' : `${compared} pictures are as they were`)
