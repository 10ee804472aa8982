import { geoArea } from 'd3-geo'
import { describe, expect, it } from 'vitest'

import type { Place } from '../src/console/wire'
import { type Boundary, cluster, heat, projection, radius, scaleBar, shares, type Spot, wound } from '../src/map/geometry'

const spot = (id: string, x: number, y: number, state = 'online'): Spot => ({ x, y, place: { kind: 'camera', id, centre: 'dong-xoai', state, lat: 0, lon: 0, at: '' } satisfies Place })

describe('clusters', () => {
  it('hold each spot once, and those that are near together', () => {
    const found = cluster([spot('a', 0, 0), spot('b', 5, 5), spot('c', 200, 0), spot('d', 206, 0)], 26)
    expect(found.map((c) => c.spots.map((s) => s.place.id))).toEqual([['a', 'b'], ['c', 'd']])
    expect(found[1]).toMatchObject({ x: 203, y: 0 })
  })

  it('are the same whatever the order of the list', () => {
    const spots = Array.from({ length: 200 }, (_, i) => spot(`s${String(i)}`, (i * 37) % 300, (i * 91) % 200))
    const names = (list: Spot[]) => cluster(list, 26).map((c) => `${c.id}:${String(c.spots.length)}`).sort()
    expect(names([...spots].reverse())).toEqual(names(spots))
    expect(cluster(spots, 26).reduce((n, c) => n + c.spots.length, 0)).toBe(200)
  })

  it('find neighbours across the borders of cells', () => {
    expect(cluster([spot('a', 25, 0), spot('b', 27, 0)], 26)).toHaveLength(1)
    expect(cluster([spot('a', -1, -1), spot('b', 1, 1)], 26)).toHaveLength(1)
  })

  it('look as grave as the worst in them', () => {
    const [c] = cluster([spot('a', 0, 0), spot('b', 1, 0, 'offline'), spot('c', 2, 0, 'silent'), spot('d', 3, 0, 'degraded')], 26)
    expect(c).toMatchObject({ worst: 'grave', state: 'silent' })
    expect(cluster([spot('a', 0, 0)], 26)[0]?.worst).toBe('ok')
  })

  it('never lie over each other', () => {
    const found = cluster(Array.from({ length: 300 }, (_, i) => spot(`s${String(i)}`, ((i * 37) % 211) * 2, ((i * 91) % 173) * 2)), 26)
    for (const a of found) {
      for (const b of found) {
        if (a !== b) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(radius(a.spots.length) + radius(b.spots.length))
      }
    }
    expect(found.reduce((n, c) => n + c.spots.length, 0)).toBe(300)
  })

  it('say how many of them are how grave', () => {
    const [c] = cluster([spot('a', 0, 0), spot('b', 1, 0, 'silent'), spot('c', 2, 0), spot('d', 3, 0, 'degraded')], 26)
    expect(c && shares(c).map((s) => [s.grade, s.count, s.from])).toEqual([['grave', 1, 0], ['minor', 1, 1], ['ok', 2, 2]])
  })

  it('grow with what is in them, within bounds', () => {
    expect(radius(1)).toBeLessThan(radius(2))
    expect(radius(10_000)).toBeLessThan(60)
  })
})

describe('the projection', () => {
  const seats: [number, number][] = [[106.8832, 11.5349], [106.9794, 11.8353], [106.6047, 11.6519]]

  it('has all places in the frame, north above, east to the right', () => {
    const to = projection(1000, 600, seats, null)
    const [dongXoai, phuocLong, binhLong] = seats.map((s) => to(s) ?? [NaN, NaN])
    for (const p of [dongXoai, phuocLong, binhLong]) {
      expect(p?.[0]).toBeGreaterThan(0)
      expect(p?.[0]).toBeLessThan(1000)
      expect(p?.[1]).toBeGreaterThan(0)
      expect(p?.[1]).toBeLessThan(600)
    }
    expect(phuocLong?.[1]).toBeLessThan(dongXoai?.[1] ?? 0)
    expect(binhLong?.[0]).toBeLessThan(dongXoai?.[0] ?? 0)
  })

  it('shows one place alone with room around it', () => {
    const to = projection(1000, 600, [[106.9, 11.5]], null)
    expect(to([106.9, 11.5])?.map(Math.round)).toEqual([500, 300])
    expect(to.scale()).toBeLessThan(1e6)
  })

  it('takes a boundary as RFC 7946 winds it for the land inside', () => {
    const square: Boundary = {
      type: 'FeatureCollection',
      features: [{ type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates: [[[[106, 11], [107, 11], [107, 12], [106, 12], [106, 11]]]] } }],
    }
    expect(geoArea(wound(square))).toBeLessThan(0.001) // steradians; the other way round it is nearly 4π
    expect(projection(500, 500, [], wound(square))([106.5, 11.5])?.map(Math.round)).toEqual([250, 250])
  })
})

it('draws a scale of a round length', () => {
  expect(scaleBar(10, 140)).toEqual({ km: 10, pixels: 100 })
  expect(scaleBar(100, 140)).toEqual({ km: 1, pixels: 100 })
  expect(scaleBar(900, 140).km).toBeCloseTo(0.1)
})

it('shades between the least and the greatest, and nothing where there is none', () => {
  expect(heat([1, null, 3, 2])).toEqual([0, null, 1, 0.5])
  expect(heat([7, 7])).toEqual([0.5, 0.5])
  expect(heat([null])).toEqual([null])
})
