// No text is cut off: every scene, in both languages, at three sizes, with the longest values and all states.
// The pages are the built ones; the server's answers are made up here from the KPI files.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'

import { launch } from './browser.mjs'

const here = new URL('.', import.meta.url).pathname
const dist = join(here, '../dist')
const catalogue = join(here, '../../../schemas/kpi/catalogue')
const pictures = process.env.PICTURES // a folder: keep a picture of each scene there

const kpis = readdirSync(catalogue).map((file) => {
  const text = readFileSync(join(catalogue, file), 'utf8')
  const one = (pattern) => pattern.exec(text)?.[1]?.replace(/^"|"$/g, '')
  return {
    id: one(/^id: (.+)$/m), unit: one(/^unit: (.+)$/m) ?? '', decimals: Number(one(/^decimals: (.+)$/m)), better: 'none', window: '',
    name: { vi: one(/^name:\n {2}vi: (.+)$/m), en: one(/^ {2}en: (.+)$/m) }, description: { vi: '', en: '' },
    target: /^targets:/m.test(text) ? { value: 98.5, source: '' } : null, values: [],
  }
})
const place = (code, parent, vi, en) => ({ code, parent, name: { vi, en }, short: { vi: vi.replace(/^(Tỉnh|Thành phố|Thị xã) /, ''), en: en.replace(/ (province|city|town)$/, '') } })
const centres = [
  place('province', '', 'Tỉnh Bình Phước', 'Binh Phuoc province'), place('dong-xoai', 'province', 'Thành phố Đồng Xoài', 'Dong Xoai city'),
  place('phuoc-long', 'province', 'Thị xã Phước Long', 'Phuoc Long town'), place('binh-long', 'province', 'Thị xã Bình Long', 'Binh Long town'),
]
const at = new Date().toISOString()
const states = ['ok', 'warning', 'alarm', 'stale', 'no_data']
const values = kpis.flatMap((k, i) => centres.map((c, j) => {
  const state = states[(i + j) % states.length]
  const value = state === 'no_data' ? null : k.unit === '%' ? 100 : k.unit === 'xe/h' ? 28888.8 : k.decimals ? 188.8 : 28888
  return { kpi: k.id, centre: c.code, value, state, at: state === 'no_data' ? null : at, numerator: 28888, denominator: k.unit === '%' ? 28888 : null }
}))
const feedStates = ['alive', 'late', 'silent']
const feeds = centres.flatMap((c, i) => ['service', 'camera', 'sensor'].map((domain, j) => ({
  centre: c.code, domain, state: feedStates[(i + j) % 3], newest_arrival: i === 1 ? null : at, sources: 1, silent_sources: 0,
})))

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' }
const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://x').pathname
  try {
    const file = path === '/' ? '/index.html' : path
    const body = readFileSync(join(dist, file))
    response.writeHead(200, { 'content-type': types[extname(file)], 'content-security-policy': "default-src 'self'" }).end(body)
  } catch {
    response.writeHead(404).end()
  }
}).listen(0, '127.0.0.1')
await new Promise((done) => server.on('listening', done))
const wall = `http://127.0.0.1:${server.address().port}`

/** What a page shows that is wider or higher than its place. Runs in the page. */
function cutOff() {
  const bad = []
  for (const e of document.querySelectorAll('.wall *')) {
    const scene = e.closest('.scene')
    if ((scene && !scene.classList.contains('shown')) || e.closest('svg') || e.closest('.unseen')) continue
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    const box = e.getBoundingClientRect()
    if (own && (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')) bad.push(`too wide: ${e.textContent}`)
    const holder = e.closest('.tile, .feed-group, .top')
    if (own && holder) {
      const outer = holder.getBoundingClientRect()
      if (box.right > outer.right + 1 || box.bottom > outer.bottom + 1 || box.left < outer.left - 1) {
        bad.push(`outside of its ${holder.className}: ${e.textContent} (${Math.round(box.right - outer.right)}, ${Math.round(box.bottom - outer.bottom)})`)
      }
    }
  }
  for (const tile of document.querySelectorAll('.scene.shown .tile')) {
    const texts = [...tile.querySelectorAll('*')].filter((e) => !e.closest('svg') && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
    const boxes = texts.map((e) => {
      const range = document.createRange()
      range.selectNodeContents(e)
      const r = range.getBoundingClientRect()
      // The room above capitals and below the line is nobody's.
      const slack = r.height * (e.tagName === 'H2' ? 0.08 : 0.14)
      return { text: e.textContent, left: r.left, right: r.right, top: r.top + slack, bottom: r.bottom - slack }
    })
    boxes.forEach((a, i) => {
      for (const b of boxes.slice(i + 1)) {
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) bad.push(`"${a.text}" and "${b.text}" overlap`)
      }
    })
  }
  const wide = document.documentElement.scrollWidth > innerWidth
  const high = innerWidth > 900 && document.documentElement.scrollHeight > innerHeight
  if (wide || high) bad.push(`the page scrolls: ${document.documentElement.scrollWidth}×${document.documentElement.scrollHeight} in ${innerWidth}×${innerHeight}`)
  return bad
}

const browser = await launch()
const wrong = []
let looked = 0
try {
  for (const [width, height] of [[1920, 1080], [3840, 2160], [390, 844]]) {
    const page = await browser.newPage({ viewport: { width, height } })
    page.on('console', (m) => { if (m.type() === 'error') wrong.push(`console: ${m.text()}`) })
    page.on('request', (r) => { if (!r.url().startsWith(wall)) wrong.push(`a request leaves the server: ${r.url()}`) })
    await page.route('**/api/v1/kpis', (r) => r.fulfill({ json: { kpis } }))
    await page.route('**/api/v1/centres', (r) => r.fulfill({ json: { centres } }))
    await page.route('**/series?*', (r) => r.fulfill({ json: { step_seconds: 600, points: Array.from({ length: 36 }, (_, i) => ({ at, value: i === 9 ? null : (i * 7) % 11 })) } }))
    await page.routeWebSocket('**/api/v1/live', (socket) => {
      socket.send(JSON.stringify({ type: 'hello', build: 'x', epoch: 'x', at }))
      socket.onMessage(() => {
        socket.send(JSON.stringify({ type: 'snapshot', seq: 1, at, values }))
        socket.send(JSON.stringify({ type: 'feeds', seq: 1, at, feeds }))
      })
    })
    for (const lang of ['vi', 'en']) {
      for (const centre of centres) {
        await page.goto(`${wall}/?lang=${lang}&scene=${centre.code}`)
        await page.locator('.scene.shown .tile[data-state=alarm]').first().waitFor()
        await page.locator('.scene.shown .feed-group li').first().waitFor()
        await page.evaluate(() => document.fonts.ready)
        const tiles = await page.locator('.scene.shown .tile').count()
        assert.equal(tiles, 12, `${centre.code} has ${tiles} tiles`)
        for (const what of await page.evaluate(cutOff)) wrong.push(`${width}×${height} ${lang} ${centre.code}: ${what}`)
        looked++
        if (pictures) {
          mkdirSync(pictures, { recursive: true })
          await page.screenshot({ path: join(pictures, `${centre.code}-${lang}-${width}.png`) })
        }
      }
    }
    await page.close()
  }
} finally {
  await browser.close()
  server.close()
}
assert.deepEqual(wrong, [])
console.log(`${looked} pages looked at, nothing is cut off`)
