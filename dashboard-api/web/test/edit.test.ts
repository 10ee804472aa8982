import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { Draft } from '../src/edit/model'
import { begin, fresh, idOf, kinds, moved, overlapping, redo, resized, step, undo, widgetOf } from '../src/edit/model'
import type { Widget } from '../src/wire'

const at = (x: number, y: number, w: number, h: number): Widget => ({ kind: 'clock', x, y, w, h })
const scene = (...widgets: Widget[]): Draft => ({ id: 'a', name: { vi: 'A', en: 'A' }, columns: 12, rows: 10, widgets })

describe('the place of a widget', () => {
  it('stays in the grid', () => {
    const grid = scene()
    expect(moved(at(2, 2, 4, 4), -9, 99, grid)).toMatchObject({ x: 1, y: 7, w: 4, h: 4 })
    expect(moved(at(1, 1, 20, 20), 3, 3, grid)).toMatchObject({ x: 1, y: 1 })
    expect(resized(at(9, 9, 2, 1), 9, 9, grid)).toMatchObject({ x: 9, y: 9, w: 4, h: 2 })
    expect(resized(at(9, 9, 2, 1), -9, -9, grid)).toMatchObject({ w: 1, h: 1 })
  })
  it('is told apart from that of others', () => {
    expect([...overlapping([at(1, 1, 4, 4), at(5, 1, 4, 4), at(4, 4, 2, 2)])]).toEqual([0, 1, 2])
    expect(overlapping([at(1, 1, 4, 4), at(5, 1, 4, 4)]).size).toBe(0)
  })
  it('is free for a new one, where there is room', () => {
    const made = fresh('number', 'air.pm25', scene(at(1, 1, 10, 4)))
    expect(made).toMatchObject({ kpi: 'air.pm25', x: 1, y: 5 })
    expect(fresh('number', 'air.pm25', scene(at(1, 1, 12, 10)))).toMatchObject({ x: 1, y: 1 })
    expect(fresh('number', 'air.pm25', { ...scene(), centre: 'dong-xoai' }).centre).toBe('dong-xoai')
  })
})

describe('the steps of a scene', () => {
  it('go back and forth until something else is done', () => {
    const one = step(begin(scene()), scene(at(1, 1, 1, 1)))
    expect(undo(one).now.widgets).toHaveLength(0)
    expect(redo(undo(one)).now.widgets).toHaveLength(1)
    expect(undo(begin(scene())).now.widgets).toHaveLength(0)
    expect(step(undo(one), scene()).future).toHaveLength(0)
  })
})

it('finds the widget of a fault, and the scene of a file', () => {
  expect([widgetOf('widgets[12].kpi'), widgetOf('name.vi')]).toEqual([12, null])
  expect([idOf('# x\nid: truc-ban\n'), idOf('name: x\n')]).toEqual(['truc-ban', ''])
})

it('knows the kinds that the server knows', () => {
  const go = readFileSync(new URL('../../../schemas/scene/kind.go', import.meta.url), 'utf8')
  const there = [...go.matchAll(/^\t\t"(\w+)":/gm)].map((m) => m[1])
  expect(Object.keys(kinds).sort()).toEqual(there.sort())
})
