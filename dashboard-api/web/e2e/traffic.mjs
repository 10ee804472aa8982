// A made-up server that never rests: values, alarms and clocks move as on a busy day.
import { kpis, centres } from './fake.mjs'

/** Sends so many changed values a second over the live channel, four frames a second as the server does, until stopped. */
export function stir(line, w, perSecond) {
  let seq = 1
  let next = 0
  const pairs = kpis.filter((k) => k.formula.kind !== 'figure').flatMap((k) => centres.map((c) => ({ k, centre: c.code })))
  const timer = setInterval(() => {
    w.at = new Date().toISOString()
    const values = Array.from({ length: perSecond / 4 }, () => {
      const { k, centre } = pairs[next++ % pairs.length]
      const value = Number((50 + 40 * Math.sin(next / 7)).toFixed(k.decimals))
      const state = next % 97 === 0 ? 'warning' : 'ok'
      return { kpi: k.id, centre, value, state, at: w.at, numerator: value, denominator: null }
    })
    const feeds = w.feeds.map((f) => ({ ...f, newest_arrival: w.at, newest_event: w.at }))
    line.last()?.send({ type: 'delta', seq: ++seq, at: w.at, values })
    if (seq % 8 === 0) line.last()?.send({ type: 'feeds', seq, at: w.at, feeds })
  }, 250)
  return () => { clearInterval(timer) }
}

/** What the browser says of a page: bytes of its heap after a collection, nodes, listeners. */
export async function measure(cdp) {
  await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const of = (name) => metrics.find((m) => m.name === name)?.value ?? NaN
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') }
}
