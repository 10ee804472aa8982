import type { Lang } from '../format'
import { number } from '../format'
import { address } from './api'
import type { Grade } from './marks'
import type { AlarmStatistics } from './wire'

export const spans = ['24h', '7d', '30d'] as const
export type Span = (typeof spans)[number]

const hour = 3_600_000
const lengths: Record<Span, number> = { '24h': 24 * hour, '7d': 7 * 24 * hour, '30d': 30 * 24 * hour }

/** The span that an address names; one day where it names none that there is. */
export const spanOf = (text: string): Span => spans.find((s) => s === text) ?? '24h'

/**
 * Where the statistics of a centre and a span are. A day ends now; longer spans begin with an hour, so that the address is not another one
 * each second.
 */
export function place(centre: string, span: Span, now: Date): string {
  const from = span === '24h' ? '' : new Date(Math.floor((now.getTime() - lengths[span]) / hour) * hour).toISOString()
  return address('/api/v1/alarms/statistics', { centre, from })
}

export type Measure = 'hour' | 'ten' | 'peak' | 'flood' | 'standing' | 'stale'

/**
 * Up to where a measure is acceptable, can be managed, is too much; beyond the last it is an overload. Of EEMUA 191 and ISA-18.2, as the
 * documentation of alarmkpi on PyPI quotes them: 6, 12 and 30 an hour, 1 and 2 in 10 minutes, a peak of 10, 1 % of the time in floods.
 * The 5 alarms that may be stale are of ISA-18.2, and the 10 that may stand of EEMUA 191, as generally cited; the bands beyond are ours.
 */
export const guide: Record<Measure, readonly number[]> = {
  hour: [6, 12, 30], ten: [1, 2, 5], peak: [10, 20, 100], flood: [0.01, 0.05, 0.25], standing: [10], stale: [5],
}

export const grades: readonly Grade[] = ['ok', 'minor', 'major', 'grave']

/** What a measure is; null as long as nothing is known of it. */
export function measure(s: AlarmStatistics | undefined, what: Measure): number | null {
  if (!s) return null
  switch (what) {
    case 'hour':
      return s.per_operator_hour
    case 'ten':
      return s.per_operator_hour / 6
    case 'peak':
      return s.peak_10_minutes
    case 'flood':
      return s.flood_share
    case 'standing':
      return s.standing
    case 'stale':
      return s.stale
  }
}

/** In which band of the guide a value lies. */
export function judge(value: number | null, bounds: readonly number[]): Grade {
  if (value === null) return 'none'
  const band = bounds.findIndex((b) => value <= b)
  return grades[band < 0 ? bounds.length : band] ?? 'grave'
}

/** Where a value lies on a scale that gives each band the same width, 0 to 1. The last band has no end, so its end is never reached. */
export function position(value: number, bounds: readonly number[]): number {
  const judged = bounds.findIndex((b) => value <= b)
  const band = judged < 0 ? bounds.length : judged
  const from = bounds[band - 1] ?? 0
  const to = bounds[band]
  const within = to === undefined ? 1 - from / value : (value - from) / (to - from)
  return (band + Math.max(0, within)) / (bounds.length + 1)
}

/** The share that alarms of each priority should have. There is hardly ever too little of the most urgent: for it this is the most. */
export const recommended: Record<number, number> = { 1: 0.01, 2: 0.05, 3: 0.15, 4: 0.8 }

/** A number as people write it. None at all is 0, what is there but rounds to nothing is less than the least, what is not known is a dash. */
export function told(value: number | null | undefined, decimals: number, lang: Lang): string {
  if (value == null || !Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const least = 10 ** -decimals
  return value < least / 2 ? `< ${number(least, decimals, lang)}` : number(value, decimals, lang)
}

/** A share of something as percent. Of nothing no share is known. */
export const percent = (share: number | null, of: number, lang: Lang): string => (share === null || of === 0 ? '–' : `${told(share * 100, 1, lang)} %`)

/** What the causes that are named raised together, of all. */
export const together = (s: AlarmStatistics): number => s.worst.reduce((sum, w) => sum + w.share, 0)
