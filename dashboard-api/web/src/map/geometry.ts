import { geoMercator, type GeoProjection } from 'd3-geo'
import type { FeatureCollection, MultiPolygon } from 'geojson'

import { type Grade, grade } from '../console/marks'
import type { Place } from '../console/wire'

export type Boundary = FeatureCollection<MultiPolygon, { name?: string }>

/** d3 wants rings the other way round than RFC 7946 has them: without this it fills all of the earth but the province. */
export function wound(boundary: Boundary): Boundary {
  return {
    ...boundary,
    features: boundary.features.map((f) => ({
      ...f,
      geometry: { ...f.geometry, coordinates: f.geometry.coordinates.map((polygon) => polygon.map((ring) => [...ring].reverse())) },
    })),
  }
}

/** A projection in which all that is to be seen fits into a frame. Without a boundary there is room around the places; top is the least above them. */
export function projection(width: number, height: number, places: [lon: number, lat: number][], boundary: Boundary | null, top = 0): GeoProjection {
  const pad = Math.min(width, height) * 0.1
  const frame: [[number, number], [number, number]] = [
    [pad, Math.min(height / 2, Math.max(pad, top))],
    [Math.max(pad + 1, width - pad), Math.max(pad + 1, height - pad)],
  ]
  if (boundary) return geoMercator().fitExtent(frame, boundary)
  const lon = places.map((p) => p[0])
  const lat = places.map((p) => p[1])
  const least = 0.05 // degrees: one place alone is no map
  const [west, east] = [Math.min(...lon) - least, Math.max(...lon) + least]
  const [south, north] = [Math.min(...lat) - least, Math.max(...lat) + least]
  return geoMercator().fitExtent(frame, { type: 'MultiPoint', coordinates: [[west, south], [east, north], [west, north], [east, south]] })
}

export interface Spot {
  x: number
  y: number
  place: Place
}

export interface Cluster {
  /** Of its first member: the same cluster keeps its name while its members stay. */
  id: string
  x: number
  y: number
  spots: Spot[]
  worst: Grade
  /** The state that made it the worst, as its members say it. */
  state: string
}

const grades: Grade[] = ['ok', 'none', 'minor', 'major', 'grave']
const gravity = (state: string) => grades.indexOf(grade(state))

/** Puts spots that are nearer to each other than a distance in pixels together. Each is in one cluster, whatever the order of the list. */
export function cluster(spots: Spot[], distance: number): Cluster[] {
  const found: Cluster[] = []
  const cells = new Map<string, Cluster[]>()
  const cell = (v: number) => Math.floor(v / distance)
  for (const spot of [...spots].sort((a, b) => (a.place.id < b.place.id ? -1 : 1))) {
    const [cx, cy] = [cell(spot.x), cell(spot.y)]
    let home: Cluster | undefined
    for (let dx = -1; dx <= 1 && !home; dx++) {
      for (let dy = -1; dy <= 1 && !home; dy++) {
        home = cells.get(`${String(cx + dx)} ${String(cy + dy)}`)?.find((c) => Math.hypot(c.x - spot.x, c.y - spot.y) < distance)
      }
    }
    if (home) {
      home.spots.push(spot)
    } else {
      home = { id: spot.place.id, x: spot.x, y: spot.y, spots: [spot], worst: 'none', state: spot.place.state }
      found.push(home)
      const name = `${String(cx)} ${String(cy)}`
      cells.set(name, [...(cells.get(name) ?? []), home])
    }
    if (home.spots.length === 1 || gravity(spot.place.state) > gravity(home.state)) home.state = spot.place.state
    home.worst = grade(home.state)
  }
  found.forEach(centre)
  return apart(found)
}

function centre(c: Cluster): void {
  c.x = c.spots.reduce((sum, s) => sum + s.x, 0) / c.spots.length
  c.y = c.spots.reduce((sum, s) => sum + s.y, 0) / c.spots.length
}

/** Puts clusters together of which the circles lie over each other, until none do: the larger takes the smaller in. */
function apart(found: Cluster[]): Cluster[] {
  const rest = [...found].sort((a, b) => b.spots.length - a.spots.length || (a.id < b.id ? -1 : 1))
  for (let i = 0; i < rest.length; i++) {
    const a = rest[i]
    const j = rest.findIndex((b, at) => at > i && a && Math.hypot(a.x - b.x, a.y - b.y) < radius(a.spots.length) + radius(b.spots.length))
    const b = rest[j]
    if (!a || !b) continue
    a.spots.push(...b.spots)
    if (gravity(b.state) > gravity(a.state)) {
      a.state = b.state
      a.worst = b.worst
    }
    centre(a)
    rest.splice(j, 1)
    i = -1 // it has moved, and may lie over one that was passed
  }
  return rest
}

/** How many of a cluster's spots are how grave, the gravest first, without those that there are none of. */
export function shares(c: Cluster): { grade: Grade; count: number; from: number }[] {
  let from = 0
  return [...grades].reverse().flatMap((g) => {
    const count = c.spots.filter((s) => grade(s.place.state) === g).length
    const share = { grade: g, count, from }
    from += count
    return count > 0 ? [share] : []
  })
}

/** How large a cluster is drawn, in pixels: its area grows with the logarithm of what is in it. */
export function radius(count: number): number {
  return count === 1 ? 9 : Math.round(15 + 8 * Math.log10(count))
}

/** A length in kilometres that is round, and about as long as wanted in pixels. */
export function scaleBar(pixelsPerKm: number, wanted: number): { km: number; pixels: number } {
  const most = wanted / pixelsPerKm
  const power = 10 ** Math.floor(Math.log10(most))
  const km = [5, 2, 1].map((n) => n * power).find((n) => n <= most) ?? power
  return { km, pixels: km * pixelsPerKm }
}

/** Of values the place between the least and the greatest, 0 to 1; all the same: in the middle. */
export function heat(values: (number | null)[]): (number | null)[] {
  const known = values.filter((v) => v !== null)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  return values.map((v) => (v === null ? null : most === least ? 0.5 : (v - least) / (most - least)))
}
