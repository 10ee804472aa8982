import { describe, expect, it } from 'vitest'

import { guide, judge, measure, percent, place, position, spanOf, together, told } from '../src/console/statistics'
import type { AlarmStatistics } from '../src/console/wire'

const some: AlarmStatistics = {
  from: '2026-11-22T03:12:00Z', to: '2026-11-23T03:12:00Z', raised: 60, operators: 2, per_operator_hour: 1.25, peak_10_minutes: 12, peak_at: '2026-11-22T08:00:00Z', flood_share: 0.02,
  standing: 3, stale: 1, priorities: [],
  worst: [{ cause: 'a', centre: 'dong-xoai', title: { vi: 'a', en: 'a' }, raised: 30, held: 12, share: 0.5 }, { cause: 'b', centre: 'dong-xoai', title: { vi: 'b', en: 'b' }, raised: 15, held: 0, share: 0.25 }],
}

describe('the bands of the guide', () => {
  it('end where they say: 6 an hour are acceptable, 12 can be managed', () => {
    expect([0, 6, 6.01, 12, 12.01, 30, 30.01, 1000].map((v) => judge(v, guide.hour))).toEqual(['ok', 'ok', 'minor', 'minor', 'major', 'major', 'grave', 'grave'])
    expect([10, 11, 21, 101].map((v) => judge(v, guide.peak))).toEqual(['ok', 'minor', 'major', 'grave'])
    expect([10, 11].map((v) => judge(v, guide.standing))).toEqual(['ok', 'minor'])
  })

  it('are the same by the hour and by ten minutes', () => {
    expect(guide.hour.map((b) => b / 6)).toEqual(guide.ten)
  })

  it('do not judge what is not known', () => {
    expect(judge(null, guide.hour)).toBe('none')
  })

  it('have the same width each, and the last has no end', () => {
    expect([0, 3, 6, 9, 12, 30].map((v) => position(v, guide.hour))).toEqual([0, 0.125, 0.25, 0.375, 0.5, 0.75])
    expect(position(60, guide.hour)).toBe(0.875)
    expect(position(1e9, guide.hour)).toBeLessThanOrEqual(1)
    expect(position(20, guide.standing)).toBe(0.75)
  })
})

it('measures nothing before there is an answer', () => {
  expect((['hour', 'ten', 'peak', 'flood', 'standing', 'stale'] as const).map((m) => measure(undefined, m))).toEqual([null, null, null, null, null, null])
  expect((['hour', 'peak', 'flood', 'standing', 'stale'] as const).map((m) => measure(some, m))).toEqual([1.25, 12, 0.02, 3, 1])
  expect(measure(some, 'ten')).toBeCloseTo(1.25 / 6)
})

describe('numbers', () => {
  it('are written as Vietnamese write them', () => {
    expect([told(1234.56, 1, 'vi'), told(0.75, 2, 'vi'), told(0, 1, 'vi')]).toEqual(['1.234,6', '0,75', '0'])
    expect(percent(0.125, 8, 'vi')).toBe('12,5 %')
  })

  it('that are there never look like none', () => {
    expect(told(0.004, 1, 'vi')).toBe('< 0,1')
    expect(percent(0.0001, 10_000, 'en')).toBe('< 0.1 %')
  })

  it('that are not known are a dash, and so is a share of nothing', () => {
    expect([told(null, 1, 'vi'), told(undefined, 1, 'vi'), told(NaN, 1, 'vi')]).toEqual(['–', '–', '–'])
    expect([percent(null, 1, 'vi'), percent(0, 0, 'vi'), percent(0, 5, 'vi')]).toEqual(['–', '–', '0 %'])
  })

  it('of the worst causes are added up', () => {
    expect(together(some)).toBe(0.75)
  })
})

describe('the address of the statistics', () => {
  const at = (text: string) => new Date(text)

  it('is the same for an hour, so that nothing is asked for twice', () => {
    const first = place('', '7d', at('2026-11-23T03:00:00Z'))
    expect(first).toBe('/api/v1/alarms/statistics?from=2026-11-16T03%3A00%3A00.000Z')
    expect(place('', '7d', at('2026-11-23T03:59:59Z'))).toBe(first)
    expect(place('', '7d', at('2026-11-23T04:00:00Z'))).not.toBe(first)
  })

  it('of a day is that of the newest, and names the centre', () => {
    expect(place('dong-xoai', '24h', at('2026-11-23T03:00:00Z'))).toBe('/api/v1/alarms/statistics?centre=dong-xoai')
    expect(place('dong-xoai', '30d', at('2026-11-23T03:10:00Z'))).toContain('centre=dong-xoai&from=2026-10-24T03')
  })

  it('that names no span is that of a day', () => {
    expect([spanOf(''), spanOf('1y'), spanOf('30d')]).toEqual(['24h', '24h', '30d'])
  })
})
