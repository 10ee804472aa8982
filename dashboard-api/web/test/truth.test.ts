import { describe, expect, it } from 'vitest'

import { AlarmBook, urgent } from '../src/alarms'
import { Skew } from '../src/clock'
import { feedsOf, feedState, isOld } from '../src/fresh'
import { History } from '../src/history'
import type { Alarm, Centre, Feed, KPI, Series, Value } from '../src/wire'

const now = Date.parse('2026-11-23T03:00:00Z')
const before = (seconds: number) => new Date(now - seconds * 1000).toISOString()

describe('the skew of clocks', () => {
  it('is what the quickest frame says: the way only makes the server look behind', () => {
    const s = new Skew()
    s.take(100_050, 0)
    s.take(100_900, 1000)
    s.take(102_000, 2000)
    expect(s.ahead).toBe(100_050)
    s.take(103_200, 3000)
    expect(s.ahead).toBe(100_200)
  })
  it('forgets after a minute, so that a clock that was set is followed', () => {
    const s = new Skew()
    s.take(100_000, 0)
    s.take(61_000 + 5000, 61_000)
    expect(s.ahead).toBe(5000)
  })
  it('follows at once when this machine\'s clock is set back', () => {
    const s = new Skew()
    s.take(1_000_000, 1_000_000)
    s.take(1_001_000, 401_000)
    expect(s.ahead).toBe(600_000)
  })
  it('takes no time that is none', () => {
    const s = new Skew()
    s.take(NaN, 0)
    expect(s.ahead).toBe(0)
  })
})

const feed = (centre: string, domain: string, age: number | null, more: Partial<Feed> = {}): Feed => ({
  centre, domain, state: 'alive', interval_seconds: 60, newest_arrival: age === null ? null : before(age), newest_event: age === null ? null : before(age),
  sources: 1, silent_sources: 0, ...more,
})
const kpi = (kind: string, of: string, staleAfter = 0): KPI => ({
  id: 'k', name: { vi: '', en: '' }, description: { vi: '', en: '' }, unit: '', decimals: 0, better: 'none', window: 'now', formula: { kind, of },
  target: null, stale_after_seconds: staleAfter, values: [],
})
const value = (age: number, state: Value['state'] = 'ok'): Value => ({ kpi: 'k', centre: 'c', value: 1, state, at: before(age), numerator: null, denominator: null })
const centre = (code: string, parent: string): Centre => ({ code, parent, name: { vi: code, en: code }, short: { vi: code, en: code }, lat: 11.5, lon: 106.9 })

describe('a feed', () => {
  it('is late after its interval and silent after twice of it, by the time of its newest event', () => {
    expect([30, 90, 121].map((age) => feedState(feed('c', 'service', age), now))).toEqual(['alive', 'late', 'silent'])
    expect(feedState(feed('c', 'service', 121, { newest_arrival: before(1) }), now)).toBe('silent')
    expect(feedState(feed('c', 'service', null), now)).toBe('silent')
  })
  it('is never better than the server says', () => {
    expect(feedState(feed('c', 'service', 1, { state: 'late' }), now)).toBe('late')
    expect(feedState(feed('c', 'service', 1, { state: 'silent' }), now)).toBe('silent')
  })
})

describe('a value looks old', () => {
  const silent = [feed('c', 'service', 121)]
  it('when its feed has been silent for more than twice its interval', () => {
    expect(isOld(value(3000), kpi('standing', 'call'), silent, now)).toBe(true)
    expect(isOld(value(3000), kpi('standing', 'call'), [feed('c', 'service', 119)], now)).toBe(false)
  })
  it('of a province only when all of its feeds are silent', () => {
    expect(isOld(value(1), kpi('count', 'call'), [...silent, feed('d', 'service', 1)], now)).toBe(false)
  })
  it('when its newest event is older than the KPI allows', () => {
    expect(isOld(value(121), kpi('average', 'reading', 120), [], now)).toBe(true)
    expect(isOld(value(119), kpi('average', 'reading', 120), [], now)).toBe(false)
  })
  it('when the server says so, and never when there is none', () => {
    expect(isOld(value(1, 'stale'), kpi('figure', ''), [], now)).toBe(true)
    expect(isOld(value(1, 'no_data'), kpi('count', 'call'), silent, now)).toBe(false)
  })
  it('never when it speaks of silence itself, or comes with no feed', () => {
    for (const kind of ['up', 'down', 'feed', 'figure', 'score']) expect(isOld(value(99_999), kpi(kind, 'camera'), silent, now)).toBe(false)
  })
})

describe('the feeds of a KPI', () => {
  const centres = [centre('p', ''), centre('a', 'p'), centre('b', 'p')]
  const feeds = ['p', 'a', 'b'].flatMap((c) => ['service', 'camera', 'sensor'].map((d) => feed(c, d, 1)))
  const names = (k: KPI, code: string) => feedsOf(k, code, centres, feeds).map((f) => `${f.centre}/${f.domain}`)
  it('are those of its events, of the centre and all below it', () => {
    expect(names(kpi('count', 'call'), 'a')).toEqual(['a/service'])
    expect(names(kpi('count', 'camera'), 'p')).toEqual(['p/camera', 'a/camera', 'b/camera'])
    expect(names(kpi('average', 'reading'), 'b')).toEqual(['b/sensor'])
    expect(names(kpi('up', 'camera'), 'p')).toEqual([])
  })
})

describe('the book of alarms', () => {
  const alarm = (id: string, priority: Alarm['priority'], more: Partial<Alarm> = {}): Alarm => ({
    id, kind: 'kpi', cause: '', centre: 'c', domain: 'service', priority, state: 'raised', title: { vi: id, en: id }, raised_at: before(60), changed_at: before(60), members: 1, ...more,
  })
  const ids = (book: AlarmBook) => book.list().map((a) => a.id)
  it('knows nothing before it was told: no alarm is another thing than no word', () => {
    const book = new AlarmBook()
    expect([book.known, book.position]).toEqual([false, {}])
    book.begin('e', 4, [])
    expect([book.known, book.position]).toEqual([true, { epoch: 'e', offset: 4 }])
  })
  it('lists the most urgent first, then the newest, and those that are over last', () => {
    const book = new AlarmBook()
    book.begin('e', 1, [
      alarm('old', 2, { raised_at: before(900) }), alarm('new', 2), alarm('over', 1, { state: 'cleared' }), alarm('top', 1, { state: 'acknowledged' }),
      alarm('shelved', 1, { state: 'shelved' }), alarm('member', 1, { parent: 'top' }),
    ])
    expect(ids(book)).toEqual(['top', 'new', 'old', 'over'])
  })
  it('takes each change once, in order', () => {
    const book = new AlarmBook()
    book.begin('e', 1, [alarm('a', 2)])
    expect(book.take('e', 2, alarm('a', 2, { state: 'closed' }))).toBe(true)
    expect(book.take('e', 1, alarm('a', 2))).toBe(false)
    expect(ids(book)).toEqual([])
    expect(book.take('f', 1, alarm('b', 3))).toBe(true)
    expect(book.position).toEqual({ epoch: 'f', offset: 1 })
  })
  it('gives the wall to the newest of priority 1 that nobody has acknowledged', () => {
    const book = new AlarmBook()
    book.begin('e', 1, [alarm('two', 2), alarm('seen', 1, { state: 'acknowledged' }), alarm('older', 1, { raised_at: before(900) }), alarm('newest', 1)])
    expect(urgent(book.list())?.id).toBe('newest')
    book.take('e', 2, alarm('newest', 1, { state: 'acknowledged' }))
    book.take('e', 3, alarm('older', 1, { state: 'cleared' }))
    expect(urgent(book.list())).toBeNull()
  })
})

describe('the history', () => {
  class Fake {
    time = 36_000
    asked: { from: number; to: number; step: number }[] = []
    live = 1
    fails = false
    fetch = (_kpi: string, _centre: string, from: number, to: number, step: number): Promise<Series> => {
      this.asked.push({ from, to, step })
      if (this.fails) return Promise.reject(new Error('away'))
      const points = []
      for (let t = from; t < to; t += step) points.push({ at: new Date(t * 1000).toISOString(), value: t % 600 === 0 ? null : t })
      return Promise.resolve({ step_seconds: step, points })
    }
    now = () => this.time
    value = () => this.live
    standing = () => true
  }
  it('asks for the whole span once, then for its end alone', async () => {
    const fake = new Fake()
    const h = new History(fake)
    const line = h.line('k', 'c', 3600)
    expect(h.line('k', 'c', 3600)).toBe(line)
    await h.next()
    fake.time += 60
    await h.next()
    expect(fake.asked).toEqual([{ from: 32_400, to: 36_000, step: 10 }, { from: 35_970, to: 36_060, step: 10 }])
    expect(line.track.value(line.track.length - 1)).toBe(36_050)
  })
  it('asks first for what can be seen', async () => {
    const asked: string[] = []
    const fake = new Fake()
    const { fetch } = fake
    fake.fetch = (kpi, ...rest) => (asked.push(kpi), fetch(kpi, ...rest))
    const h = new History(fake)
    h.line('hidden', 'c', 3600)
    h.line('seen', 'c', 3600).seen++
    await h.next()
    await h.next()
    expect(asked).toEqual(['seen', 'hidden'])
  })
  it('shows no step that has not ended, and a gap where there is no value', async () => {
    const fake = new Fake()
    fake.time = 36_005
    const h = new History(fake)
    const { track } = h.line('k', 'c', 3600)
    await h.next()
    expect(track.end).toBe(36_000)
    expect(track.value(track.length - 60)).toBeNaN()
  })
  it('goes on by itself each second where the series is too coarse, with gaps while there is no connection', async () => {
    const fake = new Fake()
    const h = new History(fake)
    const { track } = h.line('k', 'c', 60)
    await h.next()
    for (fake.live of [7, NaN, 9]) {
      h.tick()
      fake.time++
    }
    expect([3, 2, 1].map((i) => track.value(track.length - i))).toEqual([7, NaN, 9])
  })
  it('asks for all again after a break, and again a while after a question that failed', async () => {
    const fake = new Fake()
    const h = new History(fake)
    h.line('k', 'c', 3600)
    fake.fails = true
    await expect(h.next()).rejects.toThrow('away')
    fake.fails = false
    expect(await h.next()).toBe(false)
    fake.time += 20
    await h.next()
    h.renew()
    await h.next()
    expect(fake.asked.map((a) => a.from)).toEqual([32_400, 32_420, 32_420])
  })
})
