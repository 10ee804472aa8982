import { createSignal } from 'solid-js'
import { createStore, produce } from 'solid-js/store'

import { browser, Live } from './live'
import type { Centre, Feed, KPI, Series, Value } from './wire'

/** How far back a history line reaches, and its step, in seconds. */
const history = { length: 6 * 3600, step: 600 }
const historyEvery = 60_000

/** Everything that the wall shows. Made once; every part is updated in place. */
export interface Board {
  kpis: Record<string, KPI>
  centres: Centre[]
  values: Record<string, Value>
  feeds: Feed[]
  history: Record<string, (number | null)[]>
}

export const key = (kpi: string, centre: string) => `${kpi}|${centre}`

export function createBoard() {
  const [board, set] = createStore<Board>({ kpis: {}, centres: [], values: {}, feeds: [], history: {} })
  const [connected, setConnected] = createSignal<boolean | null>(null)
  const [ahead, setAhead] = createSignal(0)
  const [newest, setNewest] = createSignal(0)

  async function load(): Promise<void> {
    const [kpis, centres] = await Promise.all([
      get<{ kpis: KPI[] }>('/api/v1/kpis'),
      get<{ centres: Centre[] }>('/api/v1/centres'),
    ])
    set({ kpis: Object.fromEntries(kpis.kpis.map((k) => [k.id, k])), centres: centres.centres })
  }

  /** Connects, and never lets go. */
  function watch(): void {
    const live = new Live(browser(), {
      values(values, whole) {
        set(
          'values',
          produce((all) => {
            if (whole) for (const k of Object.keys(all)) Reflect.deleteProperty(all, k)
            for (const v of values) all[key(v.kpi, v.centre)] = v
          }),
        )
        setNewest(Date.now() + ahead())
      },
      feeds: (feeds) => {
        set('feeds', feeds)
      },
      connected: setConnected,
      clock: setAhead,
    })
    live.start()
    let tick = Date.now()
    setInterval(() => {
      // A timer that comes far too late: the machine slept.
      if (Date.now() - tick > 10_000) live.renew()
      tick = Date.now()
    }, 1000)
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) live.renew()
    })
  }

  /** Fetches the history lines again and again, a few at a time. */
  async function follow(places: { kpi: string; centre: string }[]): Promise<never> {
    for (;;) {
      const began = Date.now()
      for (const p of places) {
        if (connected() !== false) await line(p.kpi, p.centre).catch(() => undefined)
      }
      await new Promise((done) => setTimeout(done, Math.max(5000, historyEvery - (Date.now() - began))))
    }
  }

  async function line(kpi: string, centre: string): Promise<void> {
    const to = new Date(Date.now() + ahead())
    const from = new Date(to.getTime() - history.length * 1000)
    const query = new URLSearchParams({ centre, from: from.toISOString(), to: to.toISOString(), step: String(history.step) })
    const series = await get<Series>(`/api/v1/kpis/${encodeURIComponent(kpi)}/series?${query.toString()}`)
    set('history', key(kpi, centre), series.points.map((p) => p.value))
  }

  return { board, connected, ahead, newest, load, watch, follow }
}

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url)
  if (answer.status === 401) location.assign('/sign-in')
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
  return (await answer.json()) as T
}
