// A wall that turns, with values, alarms and lost lines, for MINUTES (30): its heap and its nodes stay as they were after warming up.
import assert from 'node:assert/strict'

import { launch } from './browser.mjs'
import { inhabit, serve, urgent, world } from './fake.mjs'
import { settled } from './sizes.mjs'
import { measure, stir } from './traffic.mjs'

const minutes = Number(process.env.MINUTES ?? 30)
const every = 15_000

const server = await serve()
const browser = await launch()
try {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  const w = { ...world('calm', Date.now()), runs: true }
  const line = await inhabit(page, w)
  await page.goto(`${server.url}/?rotate=5`)
  await settled(page, 'province')
  const stop = stir(line, w, 100)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable')
  const seen = []
  const end = Date.now() + minutes * 60_000
  for (let i = 0; Date.now() < end; i++) {
    await page.waitForTimeout(every)
    // An alarm takes the wall over and goes; now and then the line breaks.
    const alarm = { ...urgent(w), id: `soak-${i}` }
    line.last().send({ type: 'alarm', epoch: 'a', offset: 2 + 2 * i, alarm })
    await page.waitForTimeout(1000)
    line.last().send({ type: 'alarm', epoch: 'a', offset: 3 + 2 * i, alarm: { ...alarm, state: 'closed' } })
    if (i % 4 === 3) line.last().close()
    await page.waitForTimeout(1000)
    const m = await measure(cdp)
    seen.push(m)
    if (i % 4 === 0) console.log(`${((Date.now() - (end - minutes * 60_000)) / 60_000).toFixed(1)} min: heap ${(m.heap / 1e6).toFixed(2)} MB, ${m.nodes} nodes, ${m.listeners} listeners`)
  }
  stop()
  const median = (list, of) => list.map(of).sort((a, b) => a - b)[Math.floor(list.length / 2)]
  const third = Math.floor(seen.length / 3)
  const [before, after] = [seen.slice(third, 2 * third), seen.slice(2 * third)]
  const grown = (of) => [median(before, of), median(after, of)]
  const [heap1, heap2] = grown((m) => m.heap)
  const [nodes1, nodes2] = grown((m) => m.nodes)
  const [listeners1, listeners2] = grown((m) => m.listeners)
  console.log(`after warming up, second third against last: heap ${(heap1 / 1e6).toFixed(2)} → ${(heap2 / 1e6).toFixed(2)} MB, nodes ${nodes1} → ${nodes2}, listeners ${listeners1} → ${listeners2}`)
  assert.ok(heap2 < heap1 * 1.05 + 200_000, 'the heap grows')
  assert.ok(nodes2 <= nodes1 * 1.02 + 20, 'the number of nodes grows')
  assert.ok(listeners2 <= listeners1 + 5, 'the number of listeners grows')
} finally {
  await browser.close()
  server.close()
}
