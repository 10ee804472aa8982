// The pages that the server writes look as they did when somebody last looked at them, on each screen: nothing on them is cut off, and axe
// finds nothing. TestServedPagesAreAsTheyWere keeps the pages; UPDATE=1 takes new pictures.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { accessible, axe } from './axe.mjs'
import { launch } from './browser.mjs'
import { compare, settle } from './compare.mjs'
import { sizes } from './sizes.mjs'

const folder = new URL('../../testdata/pages/', import.meta.url).pathname
const { resolve } = createRequire(import.meta.url)
/** The pages take the letters that the computer has; pictures must not depend on that. */
const font = '* { font-family: "Inter Variable" !important }' + ['latin', 'latin-ext', 'vietnamese'].map((part) => {
  const data = readFileSync(resolve(`@fontsource-variable/inter/files/inter-${part}-wght-normal.woff2`)).toString('base64')
  const range = { 'latin': 'U+0000-00FF, U+2000-20CF, U+2122-22FF', 'latin-ext': 'U+0100-024F, U+20D0-2121', 'vietnamese': 'U+0102-0103, U+0110-0111, U+0128-0129, U+0168-0169, U+01A0-01A1, U+01AF-01B0, U+0300-0323, U+1EA0-1EF9, U+20AB' }[part]
  return `@font-face { font-family: 'Inter Variable'; font-weight: 100 900; src: url(data:font/woff2;base64,${data}); unicode-range: ${range} }`
}).join('\n')
/** How much of a page is kept as a picture: a report goes on for long with rows like those before. */
const most = 3000

/** What is wider than the screen, or than its place. Runs in the page. */
function cutOff() {
  const bad = []
  if (document.documentElement.scrollWidth > innerWidth) bad.push(`the page is ${document.documentElement.scrollWidth} wide, in ${innerWidth}`)
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    if (!own || e.closest('svg') || !e.getClientRects().length) continue
    const style = getComputedStyle(e)
    if (style.overflowX === 'hidden' && style.position !== 'absolute' && e.scrollWidth > e.clientWidth + 1) bad.push(`too wide: ${e.textContent}`)
  }
  return bad
}

const browser = await launch()
const wrong = []
const files = readdirSync(folder).filter((f) => f.endsWith('.html'))
assert.ok(files.length > 0, `no pages in ${folder}`)
try {
  for (const [width, height] of sizes) {
    const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: width > 1920 ? 0.25 : 0.5, locale: 'vi-VN' })
    const page = await context.newPage()
    for (const file of files) {
      const name = file.replace('.html', '')
      const html = readFileSync(join(folder, file), 'utf8')
      await page.setContent(html.replace(/<link rel="stylesheet" href="(.*?)">/g, (_, style) => `<style>${readFileSync(join(folder, style), 'utf8')}</style>`))
      await page.addStyleTag({ content: font })
      await page.evaluate(() => document.fonts.ready)
      for (const what of await page.evaluate(cutOff)) wrong.push(`${name} on ${width}×${height}: ${what}`)
      if (width !== 3840) {
        await page.evaluate(axe)
        for (const what of await page.evaluate(accessible)) wrong.push(`${name} on ${width}×${height}: axe: ${what}`)
      }
      // English is as long as Vietnamese, and stands in the same places.
      if (!name.endsWith('-vi')) continue
      const whole = await page.evaluate(() => document.documentElement.scrollHeight)
      compare(`page-${name}-${width}`, await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width, height: Math.max(height, Math.min(whole, most)) } }), 0.002)
    }
    await context.close()
  }
} finally {
  await browser.close()
}
assert.deepEqual([...new Set(wrong)], [])
settle()
