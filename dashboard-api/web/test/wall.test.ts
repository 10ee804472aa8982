import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { arcMinutes, sizes } from '../src/legibility'
import { Rotation } from '../src/rotation'
import { scenes } from '../src/scenes'
import { path } from '../src/spark'

describe('rotation', () => {
  it('moves on when the time of a scene is over, and round', () => {
    const r = new Rotation(2, 1000, 0, false, 0)
    expect(r.tick(500)).toBe(0.5)
    expect(r.current).toBe(0)
    r.tick(1000)
    expect(r.current).toBe(1)
    r.tick(2000)
    expect(r.current).toBe(0)
  })
  it('stays while it is paused, and goes on with a whole turn', () => {
    const r = new Rotation(3, 1000, 1, true, 0)
    r.tick(10_000)
    expect(r.current).toBe(1)
    r.toggle(10_000)
    r.tick(10_900)
    expect(r.current).toBe(1)
    r.step(-1, 10_900)
    expect(r.current).toBe(0)
  })
})

describe('scenes', () => {
  const centre = (code: string, parent: string) => ({ code, parent, name: { vi: code, en: code }, short: { vi: code, en: code } })
  it('are one of the province and one of each centre below it, without KPIs that are not there', () => {
    const list = scenes([centre('province', ''), centre('dong-xoai', 'province')], new Set(['hotline.waiting', 'air.pm25']))
    expect(list.map((s) => s.id)).toEqual(['province', 'dong-xoai'])
    expect(list[0]?.compare).toEqual(['dong-xoai'])
    expect(list[1]?.kpis).toEqual(['hotline.waiting', 'air.pm25'])
  })
})

describe('history lines', () => {
  it('keep gaps', () => {
    expect(path([1, 2, null, 2, null, 1])).toBe('M0 28L20 2M60 2h1M100 28h1')
    expect(path([null, null])).toBe('')
    expect(path([5, 5])).toBe('M0 15L100 15')
  })
})

describe('legibility', () => {
  it('of numbers is at least 20 minutes of arc, and of names 12, at 5 m on 55 inches', () => {
    // ISO 9241-3 and NUREG-0700 speak of the height of capitals: 0.727 of Inter's size.
    expect(arcMinutes(sizes.number) * 0.727).toBeGreaterThan(20)
    expect(arcMinutes(sizes.name)).toBeGreaterThan(12)
  })
  it('is what the style sheet says', () => {
    const css = readFileSync(new URL('../src/style.css', import.meta.url), 'utf8')
    const rem = (selector: string) => Number(new RegExp(`\n${selector.replace('.', '\\.')} {[^}]*font-size: ([0-9.]+)rem`).exec(css)?.[1]) * 16
    expect(rem('.figure')).toBe(sizes.number)
    expect(rem('.tile h2')).toBe(sizes.name)
    expect(rem('.state')).toBe(sizes.word)
    expect(rem('.tile footer')).toBe(sizes.small)
  })
})
