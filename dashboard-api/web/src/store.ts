import type { Accessor, Setter } from 'solid-js'
import { batch, createSignal } from 'solid-js'

import { AlarmBook, urgent } from './alarms'
import { ask } from './ask'
import { Skew } from './clock'
import { feedsOf, isOld } from './fresh'
import { History } from './history'
import { browser, Live } from './live'
import type { Alarm, Centre, Feed, KPI, Scene, Series, Show, State, Value, Wall } from './wire'

type ValueSignal = [Accessor<Value | undefined>, Setter<Value | undefined>]

/** Scenes that have changed on the server reach a wall within this time, in ms. */
const scenesEvery = 60_000
/** The least time between two questions about the past, in ms. */
const questionEvery = 150

const key = (kpi: string, centre: string) => `${kpi}|${centre}`

/** Everything that the wall shows. Made once; each value is a signal of its own, so that what changes is drawn and nothing else. */
export function createBoard(wall: string) {
  const [kpis, setKPIs] = createSignal<ReadonlyMap<string, KPI>>(new Map())
  const [centres, setCentres] = createSignal<Centre[]>([])
  const [scenes, setScenes] = createSignal<Scene[]>([])
  const [walls, setWalls] = createSignal<Wall[]>([])
  const [feeds, setFeeds] = createSignal<Feed[]>([])
  const [connected, setConnected] = createSignal<boolean | null>(null)
  const [ahead, setAhead] = createSignal(0)
  const [newest, setNewest] = createSignal(0)
  const [now, setNow] = createSignal(Date.now())
  const [alarms, setAlarms] = createSignal<Alarm[]>([])
  const [alarmsKnown, setAlarmsKnown] = createSignal(false)
  const [told, setTold] = createSignal<Show | null>(null)
  const values = new Map<string, ValueSignal>()
  const book = new AlarmBook()
  const skew = new Skew()

  function signalOf(k: string): ValueSignal {
    let s = values.get(k)
    if (!s) values.set(k, (s = createSignal<Value | undefined>()))
    return s
  }
  const value = (kpi: string, centre: string) => signalOf(key(kpi, centre))[0]()

  /** How a value stands at this moment: what looks old is what is old, whoever says so. */
  function state(kpi: string, centre: string): State {
    const v = value(kpi, centre)
    const k = kpis().get(kpi)
    if (!v || !k) return 'no_data'
    return isOld(v, k, feedsOf(k, centre, centres(), feeds()), now()) ? 'stale' : v.state
  }

  const history = new History({
    fetch: (kpi, centre, from, to, step) => {
      const query = new URLSearchParams({ centre, from: iso(from), to: iso(to), step: String(step) })
      return ask<Series>(`/api/v1/kpis/${encodeURIComponent(kpi)}/series?${query.toString()}`)
    },
    now: () => (Date.now() + ahead()) / 1000,
    value: (kpi, centre) => (connected() === true && state(kpi, centre) !== 'stale' ? (value(kpi, centre)?.value ?? NaN) : NaN),
    standing: (kpi) => kpis().get(kpi)?.window === 'now',
  })

  async function load(): Promise<void> {
    const [k, c, s, w] = await Promise.all([
      ask<{ kpis: KPI[] }>('/api/v1/kpis'),
      ask<{ centres: Centre[] }>('/api/v1/centres'),
      ask<{ scenes: Scene[] }>('/api/v1/scenes'),
      ask<{ walls: Wall[] }>('/api/v1/walls'),
    ])
    batch(() => {
      setKPIs(new Map(k.kpis.map((x) => [x.id, x])))
      setCentres(c.centres)
      setScenes(s.scenes)
      setWalls(w.walls)
    })
  }

  /** A page whose scenes were changed on the server begins anew. */
  async function renewScenes(): Promise<void> {
    const before = JSON.stringify([scenes(), walls()])
    const [s, w] = await Promise.all([ask<{ scenes: Scene[] }>('/api/v1/scenes'), ask<{ walls: Wall[] }>('/api/v1/walls')])
    if (JSON.stringify([s.scenes, w.walls]) !== before) location.reload()
  }

  function take(list: Value[], whole: boolean): void {
    batch(() => {
      if (whole) {
        const there = new Set(list.map((v) => key(v.kpi, v.centre)))
        for (const [k, [, set]] of values) if (!there.has(k)) set(undefined)
      }
      for (const v of list) signalOf(key(v.kpi, v.centre))[1](v)
      setNewest(Date.now() + ahead())
    })
  }

  function tellAlarms(): void {
    setAlarms(book.list())
    setAlarmsKnown(true)
  }

  /** Connects, and never lets go. */
  function watch(): void {
    const live = new Live(browser(), {
      values: take,
      feeds: setFeeds,
      connected: setConnected,
      clock: (server) => {
        skew.take(server, Date.now())
        setAhead(skew.ahead)
      },
      alarms: (epoch, offset, list) => {
        book.begin(epoch, offset, list)
        tellAlarms()
      },
      alarm: (epoch, offset, alarm) => {
        if (book.take(epoch, offset, alarm)) tellAlarms()
      },
      position: () => book.position,
      show: setTold,
      restarted: () => {
        history.renew()
        void renewScenes().catch(() => undefined)
      },
    }, wall)
    live.start()
    let tick = Date.now()
    setInterval(() => {
      // A timer that comes far too late: the machine slept.
      if (Date.now() - tick > 10_000) {
        live.renew()
        history.renew()
      }
      tick = Date.now()
      setNow(tick + ahead())
      history.tick()
    }, 1000)
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return
      live.renew()
      history.renew()
    })
    setInterval(() => void renewScenes().catch(() => undefined), scenesEvery)
    void remember()
  }

  /** Asks for the past again and again, a little at a time. */
  async function remember(): Promise<never> {
    for (;;) {
      if (connected() !== false) await history.next().catch(() => false)
      await new Promise((done) => setTimeout(done, questionEvery))
    }
  }

  return {
    kpi: (id: string) => kpis().get(id),
    centres, scenes, walls, feeds, connected, ahead, newest, now, alarms, alarmsKnown, told, value, state, history, load, watch,
    urgent: () => urgent(alarms()),
  }
}

export type Board = ReturnType<typeof createBoard>

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()
