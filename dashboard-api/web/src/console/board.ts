import { createSignal } from 'solid-js'
import { createStore, produce, reconcile } from 'solid-js/store'

import { AlarmBook } from '../alarms'
import { ask } from '../ask'
import { Skew } from '../clock'
import type { Lang } from '../format'
import { browser, Live } from '../live'
import type { Centre, Feed, Value } from '../wire'
import type { Alarm, CountedKPI } from './wire'

export const key = (kpi: string, centre: string) => `${kpi}|${centre}`

/** What is known, updated in place. */
interface Board {
  kpis: CountedKPI[]
  centres: Centre[]
  values: Record<string, Value>
  feeds: Feed[]
  alarms: Record<string, Alarm>
}

/** What is live in the console: values of KPIs, feeds, alarms, and whether the line stands. */
export function createBoard(told: (fresh: Alarm[]) => void) {
  const [board, set] = createStore<Board>({ kpis: [], centres: [], values: {}, feeds: [], alarms: {} })
  const [connected, setConnected] = createSignal<boolean | null>(null)
  const [ahead, setAhead] = createSignal(0)
  const [newest, setNewest] = createSignal(0)
  const [now, setNow] = createSignal(Date.now())
  const skew = new Skew()
  const book = new AlarmBook(told)

  async function load(lang: Lang): Promise<void> {
    const [kpis, centres] = await Promise.all([ask<{ kpis: CountedKPI[] }>('/api/v1/kpis', { lang }), ask<{ centres: Centre[] }>('/api/v1/centres', { lang })])
    set({ kpis: kpis.kpis, centres: centres.centres })
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
        setNewest(Date.now())
      },
      feeds: (feeds) => {
        set('feeds', feeds)
      },
      connected(yes) {
        setConnected(yes)
        if (yes) setNewest(Date.now())
      },
      clock(server) {
        skew.take(server, Date.now())
        setAhead(skew.ahead)
      },
      alarms(epoch, offset, alarms) {
        book.begin(epoch, offset, alarms)
        set('alarms', reconcile(book.alarms))
      },
      alarm(epoch, offset, alarm) {
        if (book.take(epoch, offset, alarm)) set('alarms', reconcile(book.alarms))
      },
      position: () => book.position,
      show: () => undefined, // that is for walls
      restarted: () => undefined,
    }, '')
    live.start()
    let tick = Date.now()
    setInterval(() => {
      // A timer that comes far too late: the machine slept.
      if (Date.now() - tick > 10_000) live.renew()
      tick = Date.now()
      setNow(tick)
    }, 1000)
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) live.renew()
    })
  }

  return {
    board,
    connected,
    newest,
    load,
    watch,
    /** The server's time, each second. */
    now: () => new Date(now() + ahead()),
    centre: (code: string) => board.centres.find((c) => c.code === code),
  }
}

export type Model = ReturnType<typeof createBoard>
