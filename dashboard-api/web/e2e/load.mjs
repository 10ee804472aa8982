// A wall of 60 widgets with 100 changed values a second takes less than 30 % of one core: by the browser's own tracing, and by
// the time that it says its processes used. SECONDS sets how long it looks.
import assert from 'node:assert/strict'

import { launch } from './browser.mjs'
import { inhabit, kpis, scenes, serve, walls, world } from './fake.mjs'
import { settled } from './sizes.mjs'
import { stir } from './traffic.mjs'

const seconds = Number(process.env.SECONDS ?? 20)
const limit = 0.3

/** 60 widgets on a grid of 10 by 6: 36 numbers, 12 lines that move each second, 6 gauges, 6 comparisons. */
function crowd() {
  const ids = kpis.filter((k) => k.formula.kind !== 'figure').map((k) => k.id)
  const standing = kpis.filter((k) => k.window === 'now' && k.formula.kind === 'standing').map((k) => k.id)
  const kind = (i) => ['number', 'trend', 'number', 'gauge', 'number', 'number', 'trend', 'number', 'compare', 'number'][i % 10]
  return {
    id: 'crowd', name: { vi: 'Sáu mươi', en: 'Sixty' }, columns: 10, rows: 6,
    widgets: Array.from({ length: 60 }, (_, i) => ({
      kind: kind(i), x: (i % 10) + 1, y: Math.floor(i / 10) + 1, w: 1, h: 1, kpi: kind(i) === 'trend' ? standing[i % standing.length] : ids[i % ids.length],
      ...(kind(i) === 'trend' ? { seconds: 60 } : {}), ...(kind(i) === 'gauge' ? { min: 0, max: 100 } : {}),
    })),
  }
}
scenes.push(crowd())
walls.find((w) => w.id === 'main').scenes = [{ scene: 'crowd', seconds: 20 }]

const server = await serve()
const browser = await launch()
try {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  const w = { ...world('calm', Date.now()), runs: true }
  const line = await inhabit(page, w)
  await page.goto(`${server.url}/?scene=crowd`)
  await settled(page, 'crowd')
  assert.equal(await page.locator('.scene.shown .widget').count(), 60)
  const stop = stir(line, w, 100)
  await page.waitForTimeout(5000)

  const cdp = await browser.newBrowserCDPSession()
  const events = []
  cdp.on('Tracing.dataCollected', ({ value }) => { events.push(...value) })
  // The browser's own process talks to this test; a wall's talks to nobody.
  const used = async () => {
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
    return processInfo.filter((p) => p.type !== 'browser').reduce((total, p) => total + p.cpuTime, 0)
  }
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', 'devtools.timeline', '__metadata'] } })
  const texts = () => page.locator('.number [data-role=value]').allInnerTexts()
  const first = await texts()
  const began = performance.now()
  const before = await used()
  await page.waitForTimeout(seconds * 1000)
  const after = await used()
  const took = (performance.now() - began) / 1000
  const traced = new Promise((done) => { cdp.once('Tracing.tracingComplete', done) })
  await cdp.send('Tracing.end')
  await traced
  stop()
  const last = await texts()
  const changed = first.filter((text, i) => text !== last[i]).length
  assert.ok(changed > first.length * 0.8, `only ${changed} of ${first.length} numbers have changed`)

  const main = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}/${e.tid}`))
  const sum = (name) => events.filter((e) => e.name === name && main.has(`${e.pid}/${e.tid}`)).reduce((s, e) => s + (e.tdur ?? e.dur ?? 0), 0) / 1e6 / took
  const percent = (share) => `${(share * 100).toFixed(1)} %`
  const task = sum('RunTask')
  const all = (after - before) / took
  console.log(`60 widgets, 100 values a second, over ${took.toFixed(0)} s, of one core:`)
  console.log(`  main thread ${percent(task)} (script ${percent(sum('FunctionCall'))}, style ${percent(sum('UpdateLayoutTree'))}, layout ${percent(sum('Layout'))}, paint ${percent(sum('Paint'))})`)
  console.log(`  page and drawing processes together ${percent(all)}`)
  assert.ok(task > 0, 'the trace holds no task of the page')
  assert.ok(Math.max(task, all) < limit, `more than ${percent(limit)}`)
} finally {
  await browser.close()
  server.close()
}
