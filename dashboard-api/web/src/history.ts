import type { Accessor } from 'solid-js'
import { createSignal } from 'solid-js'

import { stepOf, Track } from './track'
import type { Series } from './wire'

/** The past of one KPI of one centre, as far as somebody looks at it. */
export interface Line {
  readonly kpi: string
  readonly centre: string
  readonly track: Track
  /** Changes with the track. */
  version: Accessor<number>
  /** Whether the past has been fetched. */
  loaded: Accessor<boolean>
  /** On how many charts that can be seen it is: these are fetched first. */
  seen: number
}

interface Entry extends Line {
  changed: () => void
  setLoaded: (yes: boolean) => void
  /** Sampled from the live value each second, because the series of the server is coarser than the line. */
  live: boolean
  due: number
}

/** What the history needs of the outside. */
export interface Archive {
  /** A series from and to so many seconds of the server's clock. */
  fetch(kpi: string, centre: string, from: number, to: number, step: number): Promise<Series>
  /** The server's time in seconds. */
  now(): number
  /** The live value, NaN where there is none that may be shown. */
  value(kpi: string, centre: string): number
  /** Whether the KPI says how things stand at a moment: then its live value is a point of its line. */
  standing(kpi: string): boolean
}

/** Below this span, in seconds, the line of a KPI that stands is drawn second by second. */
const fineSpan = 600
/** The finest step of the server's series, in seconds. */
const coarsest = 10
/** After a question that failed, in seconds. */
const retryAfter = 20

/** Keeps all lines of a wall up to date: one question at a time, those first that have waited longest. */
export class History {
  private entries = new Map<string, Entry>()

  constructor(private readonly archive: Archive) {}

  /** The line of a span of so many seconds. Who asks for the same one again gets the same. */
  line(kpi: string, centre: string, span: number, step?: number): Line {
    const id = [kpi, centre, span, step ?? ''].join('|')
    const known = this.entries.get(id)
    if (known) return known
    const live = step === undefined && span <= fineSpan && this.archive.standing(kpi)
    const [version, setVersion] = createSignal(0)
    const [loaded, setLoaded] = createSignal(false)
    const entry: Entry = {
      kpi, centre, live, version, loaded, setLoaded, due: 0, seen: 0,
      track: new Track(span, live ? 1 : (step ?? stepOf(span))),
      changed: () => setVersion((n) => n + 1),
    }
    this.entries.set(id, entry)
    return entry
  }

  /** Takes the live values of this second. */
  tick(): void {
    for (const e of this.entries.values()) {
      if (!e.live || !e.loaded()) continue
      e.track.put({ at: this.archive.now(), value: this.archive.value(e.kpi, e.centre) })
      e.changed()
    }
  }

  /** After a break nothing on the screen can be trusted: all is asked for anew. */
  renew(): void {
    for (const e of this.entries.values()) e.due = 0
  }

  /** Asks the question that is due, and tells whether there was one. */
  async next(): Promise<boolean> {
    const now = this.archive.now()
    let first: Entry | undefined
    const before = (a: Entry, b: Entry) => (a.seen > 0 !== b.seen > 0 ? a.seen > 0 : a.due < b.due)
    for (const e of this.entries.values()) if (e.due <= now && (!first || before(e, first))) first = e
    if (!first) return false
    const missed = first.due === 0
    first.due = now + retryAfter
    await this.load(first, now, missed)
    return true
  }

  private async load(e: Entry, now: number, whole: boolean): Promise<void> {
    const { track } = e
    const step = Math.max(track.step, coarsest)
    // The last two steps are asked for again: late events may have changed them.
    const begin = whole || track.length === 0 ? now - track.span : track.end - 3 * step
    const from = Math.floor(begin / step) * step
    const to = Math.ceil(now / step) * step
    const series = await this.archive.fetch(e.kpi, e.centre, from, to, step)
    for (const point of series.points) {
      const at = Date.parse(point.at) / 1000
      // A step that has not ended holds only a part of its events. By the hour that is worth seeing, in a line it is a dip that isn't.
      if (at + step > now && step < 3600) continue
      for (let t = at; t < at + step; t += track.step) track.put({ at: t, value: point.value ?? NaN })
    }
    e.setLoaded(true)
    e.changed()
    e.due = now + (e.live ? 300 : Math.min(60, Math.max(5, step / 2)))
  }
}
