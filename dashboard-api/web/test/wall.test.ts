import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { programme } from '../src/choice'
import { cells, cellSize } from '../src/grid'
import { arcMinutes, sizes } from '../src/legibility'
import { Rotation } from '../src/rotation'
import { path } from '../src/spark'
import { steady, stepOf, Track } from '../src/track'
import type { Scene, Wall } from '../src/wire'

const turns = (n: number, ms = 1000) => Array.from({ length: n }, (_, i) => ({ scene: `s${i}`, ms }))

describe('rotation', () => {
  it('moves on when the time of a scene is over, and round', () => {
    const r = new Rotation(turns(2), 0, false, 0)
    expect(r.tick(500)).toBe(0.5)
    expect(r.current).toBe(0)
    r.tick(1000)
    expect(r.current).toBe(1)
    r.tick(2000)
    expect(r.current).toBe(0)
  })
  it('gives each scene its own time', () => {
    const r = new Rotation([{ scene: 'a', ms: 1000 }, { scene: 'b', ms: 5000 }], 0, false, 0)
    r.tick(1000)
    r.tick(5900)
    expect(r.current).toBe(1)
    r.tick(6000)
    expect(r.current).toBe(0)
  })
  it('stays while it is paused, and goes on with a whole turn', () => {
    const r = new Rotation(turns(3), 1, true, 0)
    r.tick(10_000)
    expect(r.current).toBe(1)
    r.toggle(10_000)
    r.tick(10_900)
    expect(r.current).toBe(1)
    r.step(-1, 10_900)
    expect(r.current).toBe(0)
  })
  it('obeys keys: arrows, digits, space, and no others', () => {
    const r = new Rotation(turns(11), 0, false, 0)
    const after = (key: string) => (r.key(key, 0), r.current)
    expect([after('ArrowLeft'), after('ArrowRight'), after('3'), after('0'), after('End'), after('Home')]).toEqual([10, 0, 2, 9, 10, 0])
    expect(r.key('x', 0)).toBe(false)
    r.key(' ', 0)
    expect(r.paused).toBe(true)
  })
  it('does not jump to a scene that is not there', () => {
    const r = new Rotation(turns(2), 0, false, 0)
    r.key('7', 0)
    expect(r.current).toBe(0)
  })
  it('obeys the remote: jumps, stays, and goes on', () => {
    const r = new Rotation(turns(3), 0, false, 0)
    r.obey({ wall: 'main', scene: 's2', paused: true, at: '' }, 0)
    r.tick(60_000)
    expect([r.current, r.paused]).toEqual([2, true])
    r.obey({ wall: 'main', scene: '', paused: false, at: '' }, 60_000)
    expect([r.current, r.paused]).toEqual([2, false])
    r.obey({ wall: 'main', scene: 'gone', paused: false, at: '' }, 60_000)
    expect(r.current).toBe(2)
  })
})

describe('the programme of a wall', () => {
  const scene = (id: string): Scene => ({ id, name: { vi: id, en: id }, columns: 12, rows: 12, widgets: [] })
  const wall: Wall = {
    id: 'main', name: { vi: '', en: '' }, diagonal_inches: 55, distance_metres: 5, take_over: false,
    scenes: [{ scene: 'b', seconds: 30 }, { scene: 'gone', seconds: 5 }, { scene: 'a', seconds: 20 }],
  }
  it('is its scenes in its order, without those that are gone', () => {
    const p = programme([wall], [scene('a'), scene('b')], 'main', null, null)
    expect(p.turns).toEqual([{ scene: 'b', ms: 30_000 }, { scene: 'a', ms: 20_000 }])
    expect(p.takeOver).toBe(false)
  })
  it('of an unknown wall is every scene', () => {
    expect(programme([wall], [scene('a'), scene('b')], 'other', 7, null).turns).toEqual([{ scene: 'a', ms: 7000 }, { scene: 'b', ms: 7000 }])
  })
  it('takes in a scene that the address names', () => {
    expect(programme([wall], [scene('a'), scene('b'), scene('c')], 'main', null, 'c').scenes.map((s) => s.id)).toEqual(['b', 'a', 'c'])
  })
})

describe('a track', () => {
  const drawn = (t: Track) => Array.from({ length: t.length }, (_, i) => [t.at(i), Number.isNaN(t.value(i)) ? null : t.value(i)])
  const put = (t: Track, ...samples: [number, number][]) => {
    for (const [at, value] of samples) t.put({ at, value })
  }
  it('keeps one value for each step, the last one', () => {
    const t = new Track(60, 10)
    put(t, [100, 1], [109, 2], [110, 3])
    expect(drawn(t)).toEqual([[100, 2], [110, 3]])
  })
  it('makes gaps of steps without a value', () => {
    const t = new Track(60, 10)
    put(t, [100, 1], [130, 4])
    expect(drawn(t)).toEqual([[100, 1], [110, null], [120, null], [130, 4]])
  })
  it('takes what comes late, and leaves what is too old', () => {
    const t = new Track(60, 10)
    put(t, [100, 1], [130, 4], [110, 2], [0, 9])
    expect(drawn(t)).toEqual([[100, 1], [110, 2], [120, null], [130, 4]])
  })
  it('never grows: the oldest falls out', () => {
    const t = new Track(30, 10)
    for (let i = 0; i < 100; i++) put(t, [i * 10, i])
    expect(drawn(t)).toEqual([[960, 96], [970, 97], [980, 98], [990, 99]])
    expect(t.times.length).toBe(4)
  })
  it('begins anew after a break longer than its span', () => {
    const t = new Track(30, 10)
    put(t, [0, 1], [1_000_000, 2])
    expect(drawn(t)).toEqual([[1_000_000, 2]])
  })
  it('has about as many points for a minute as for a month', () => {
    for (const span of [60, 3600, 21_600, 86_400, 604_800, 2_592_000]) {
      const n = span / stepOf(span)
      expect(n).toBeLessThanOrEqual(360)
    }
  })
})

describe('the scale of a chart', () => {
  it('stays while the values fit, grows when they don\'t, and shrinks when they need much less', () => {
    const first = steady(null, 10, 20)
    expect(first).toEqual([8.5, 21.5])
    expect(steady(first, 11, 21)).toEqual(first)
    expect(steady(first, 10, 30)).toEqual([7, 33])
    expect(steady([0, 1000], 10, 20)).toEqual(first)
  })
  it('does not go below zero for what never is', () => {
    expect(steady(null, 0, 10)[0]).toBe(0)
    expect(steady(null, 5, 5)).toEqual([4, 6])
    expect(steady(null, Infinity, -Infinity)).toEqual([0, 1])
  })
})

describe('history lines', () => {
  const track = (values: (number | null)[]) => {
    const t = new Track((values.length - 1) * 10, 10)
    values.forEach((v, i) => {
      t.put({ at: i * 10, value: v ?? NaN })
    })
    return t
  }
  it('keep gaps, and show a lone point', () => {
    expect(path(track([1, 2, null, 2, null, 1]))).toBe('M0 28L20 2M60 2h-1M100 28h-1')
    expect(path(track([null, null]))).toBe('')
    expect(path(track([5, 5]))).toBe('M0 15L100 15')
  })
})

describe('cells of devices', () => {
  it('fit into their box, however many they are', () => {
    for (const n of [1, 24, 193, 577, 2000]) {
      const side = cellSize(n, 760, 150, 44)
      expect(Math.floor(760 / side) * Math.floor(150 / side)).toBeGreaterThanOrEqual(n)
    }
    expect(cellSize(0, 760, 150, 44)).toBe(0)
  })
  it('have a form for each state', () => {
    const drawn = cells({ silent: 1, offline: 1, degraded: 1, online: 2 }, 100, 100)
    expect(drawn.silent.match(/M/g)).toHaveLength(1)
    expect(drawn.offline.match(/l/g)).toHaveLength(3)
    expect(drawn.degraded).toContain('h')
    expect(drawn.online.match(/M/g)).toHaveLength(2)
  })
})

describe('legibility', () => {
  it('of numbers is at least 20 minutes of arc, and of names 12, at 5 m on 55 inches', () => {
    // ISO 9241-3 and NUREG-0700 speak of the height of capitals: 0.727 of Inter's size.
    expect(arcMinutes(sizes.number) * 0.727).toBeGreaterThan(20)
    expect(arcMinutes(sizes.name)).toBeGreaterThan(12)
  })
  it('is what the style sheet says, and what the server checks walls by', () => {
    const css = readFileSync(new URL('../src/style.css', import.meta.url), 'utf8')
    const rem = (selector: string) => Number(new RegExp(`\n${selector.replace('.', '\\.')} {[^}]*font-size: ([0-9.]+)rem`).exec(css)?.[1]) * 16
    expect(rem('.figure')).toBe(sizes.number)
    expect(rem('.widget h2')).toBe(sizes.name)
    expect(rem('.state')).toBe(sizes.word)
    expect(rem('.about')).toBe(sizes.small)
    const go = readFileSync(new URL('../../../schemas/scene/scene.go', import.meta.url), 'utf8')
    expect(Number(/numberPixels = ([0-9]+)/.exec(go)?.[1])).toBe(sizes.number)
  })
})
