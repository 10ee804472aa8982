import type { Centre, Feed, KPI, Value } from './wire'

/** Types of events by the domain of the feed that brings them. All others are those of the feed "service". */
const domains: Record<string, string> = { camera: 'camera', sensor: 'sensor', reading: 'sensor' }

/** Kinds of KPIs that speak of silence themselves, or that no feed brings: nothing makes these old. */
const timeless = new Set(['up', 'down', 'feed', 'figure', 'score'])

const past = (at: string | null, now: number) => (at ? now - Date.parse(at) : Infinity)

/** A feed's state at a moment by the time of its newest event, whatever was heard of it last. */
export function feedState(feed: Feed, now: number): Feed['state'] {
  const age = past(feed.newest_event ?? feed.newest_arrival, now) / 1000
  if (feed.state === 'silent' || age > 2 * feed.interval_seconds) return 'silent'
  return feed.state === 'late' || age > feed.interval_seconds ? 'late' : 'alive'
}

/** The feeds that a KPI of a centre lives on: those of the centre and of all below it. */
export function feedsOf(kpi: KPI, centre: string, centres: Centre[], feeds: Feed[]): Feed[] {
  if (timeless.has(kpi.formula.kind)) return []
  const domain = domains[kpi.formula.of] ?? 'service'
  const below = (code: string): boolean => code === centre || centres.some((c) => c.code === code && c.parent !== '' && below(c.parent))
  return feeds.filter((f) => f.domain === domain && below(f.centre))
}

/**
 * Whether a value must look old at a moment: the server says so, its newest event is older than the KPI allows,
 * or all feeds that it lives on have been silent for more than twice their interval.
 */
export function isOld(value: Value, kpi: KPI, feeds: Feed[], now: number): boolean {
  if (value.state === 'stale') return true
  if (value.state === 'no_data' || timeless.has(kpi.formula.kind)) return false
  if (kpi.stale_after_seconds > 0 && past(value.at, now) > kpi.stale_after_seconds * 1000) return true
  return feeds.length > 0 && feeds.every((f) => feedState(f, now) === 'silent')
}
