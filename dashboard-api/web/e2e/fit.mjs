// No text is cut off: every scene, in both languages, at three sizes, with the longest values and all states; and axe finds nothing.
// The pages are the built ones; the server's answers are made up. PICTURES names a folder for a picture of each, SCENES those to look at.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { accessible, axe } from './axe.mjs'
import { launch } from './browser.mjs'
import { inhabit, scenes, serve, urgent, world } from './fake.mjs'
import { settled, sizes } from './sizes.mjs'

const pictures = process.env.PICTURES
const only = process.env.SCENES?.split(',')
const now = Date.parse('2026-11-23T03:12:00Z')

/** What a page shows that is wider or higher than its place. Runs in the page. */
function cutOff() {
  const bad = []
  const ownText = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
  const seen = (e) => {
    const scene = e.closest('.scene')
    return !(scene && !scene.classList.contains('shown')) && !e.closest('svg, .unseen, .controls, canvas, option') && e.getClientRects().length > 0 && getComputedStyle(e).visibility === 'visible'
  }
  const visible = [...document.querySelectorAll('.wall *')].filter((e) => seen(e) && ownText(e))
  for (const e of visible) {
    const box = e.getBoundingClientRect()
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline') bad.push(`too wide: ${e.textContent}`)
    const holder = e.closest('.feed-group, .widget, .top, .take-over')
    if (!holder) continue
    const outer = holder.getBoundingClientRect()
    if (box.right > outer.right + 1 || box.bottom > outer.bottom + 1 || box.left < outer.left - 1) {
      bad.push(`outside of its ${holder.className}: ${e.textContent} (${Math.round(box.right - outer.right)}, ${Math.round(box.bottom - outer.bottom)})`)
    }
  }
  for (const part of document.querySelectorAll('.scene.shown .widget, .take-over, .top')) {
    const boxes = visible.filter((e) => part.contains(e)).map((e) => {
      const range = document.createRange()
      const words = [...e.childNodes].filter((n) => n.nodeType === 3 && n.textContent.trim())
      range.setStart(words[0], 0)
      range.setEnd(words.at(-1), words.at(-1).length)
      const r = words.length > 1 && e.querySelector('.unseen') ? e.getBoundingClientRect() : range.getBoundingClientRect()
      // The room above capitals and below the line is nobody's.
      const slack = r.height * (e.tagName === 'H2' ? 0.08 : 0.14)
      return { e, text: e.textContent, left: r.left, right: r.right, top: r.top + slack, bottom: r.bottom - slack }
    })
    boxes.forEach((a, i) => {
      for (const b of boxes.slice(i + 1)) {
        if (a.e.contains(b.e) || b.e.contains(a.e)) continue
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom && b.top < a.bottom) bad.push(`"${a.text}" and "${b.text}" overlap`)
      }
    })
  }
  // A chart that has no room shows nothing.
  for (const c of document.querySelectorAll('.scene.shown :is(.chart, .dial, .cells)')) {
    const { width, height } = c.getBoundingClientRect()
    if (width < innerWidth * 0.1 || height < 6 * parseFloat(getComputedStyle(document.documentElement).fontSize)) {
      bad.push(`no room for a ${c.className} in ${c.closest('.widget').ariaLabel}: ${Math.round(width)}×${Math.round(height)}`)
    }
  }
  const wide = document.documentElement.scrollWidth > innerWidth
  const high = innerWidth > 900 && document.documentElement.scrollHeight > innerHeight
  if (wide || high) bad.push(`the page scrolls: ${document.documentElement.scrollWidth}×${document.documentElement.scrollHeight} in ${innerWidth}×${innerHeight}`)
  return bad
}

const server = await serve()
const browser = await launch()
const wrong = []
let looked = 0
const shot = async (page, name) => {
  if (!pictures) return
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: (page.viewportSize()?.width ?? 0) < 900 })
}
try {
  for (const [width, height] of sizes) {
    for (const [lang, theme] of [['vi', 'dark'], ['en', 'light']]) {
      const page = await browser.newPage({ viewport: { width, height }, reducedMotion: 'reduce', bypassCSP: true })
      page.on('console', (m) => { if (m.type() === 'error') wrong.push(`console: ${m.text()}`) })
      page.on('pageerror', (e) => wrong.push(`the page fails: ${e.message}`))
      page.on('request', (r) => { if (!r.url().startsWith(server.url)) wrong.push(`a request leaves the server: ${r.url()}`) })
      const w = world('worst', now)
      const line = await inhabit(page, w)
      await page.addInitScript(axe)
      await page.goto(`${server.url}/?lang=${lang}&theme=${theme}&scene=province`)
      await settled(page, 'province')
      for (const { id } of scenes.filter((s) => !only || only.includes(s.id))) {
        line.show(id, true)
        await settled(page, id)
        const where = `${width}×${height} ${lang} ${id}`
        for (const what of await page.evaluate(cutOff)) wrong.push(`${where}: ${what}`)
        if (width === 1920 || (width === 390 && id === 'province')) for (const what of await page.evaluate(accessible)) wrong.push(`${where}, ${theme}: axe: ${what}`)
        await shot(page, `${id}-${lang}-${width}`)
        looked++
      }
      w.alarms.push(urgent(w)) // for a page that comes back
      line.last().send({ type: 'alarm', epoch: 'a', offset: 2, alarm: urgent(w) })
      await page.locator('.take-over').waitFor()
      for (const what of await page.evaluate(cutOff)) wrong.push(`${width}×${height} ${lang} take-over: ${what}`)
      await shot(page, `take-over-${lang}-${width}`)
      looked++
      await page.close()
    }
  }
} finally {
  await browser.close()
  server.close()
}
assert.deepEqual([...new Set(wrong)], [])
console.log(`${looked} pages looked at: nothing is cut off, and axe finds nothing`)
