import { geoGraticule, geoPath } from 'd3-geo'
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from 'solid-js'

import { type Grade } from '../console/marks'
import type { Place } from '../console/wire'
import type { Centre } from '../wire'
import { type Boundary, cluster, type Cluster, projection, radius, scaleBar, shares, type Spot } from './geometry'

/** A centre as the map shows it. */
export interface Seat {
  centre: Centre
  name: string
  /** Alarms that nobody has looked at. */
  alarms: number
  /** Of the chosen KPI: what is written, and how dark it is shaded, 0 to 1. */
  heat: { label: string; shade: number } | null
}

/** What the map says to those who hear it, and on its buttons. */
export interface MapWords {
  label: string
  zoomIn: string
  zoomOut: string
  whole: string
  one: (p: Place) => string
  many: (c: Cluster) => string
  alarms: (n: number) => string
  km: (n: number) => string
}

interface Props {
  places: Place[]
  seats: Seat[]
  /** Ids of places with an alarm that nobody has looked at. */
  alarmed: Set<string>
  boundary: Boundary | null
  /** How much larger all of it is drawn: on a screen that is seen from afar, or that has more pixels than it shows at once. */
  scale?: number
  words: MapWords
  open: (p: Place) => void
  /** Several places that stand too close to be taken apart. */
  choose: (places: Place[]) => void
}

const closest = 26
const deepest = 512

/** Keeps some of a plan of this length in the frame. */
const within = (at: number, length: number, k: number) => Math.min(length * 0.7, Math.max(at, length * 0.3 - length * k))

/** A plain plan of the province: real coordinates, no tiles, and points that gather until there is room for them. */
export function ProvinceMap(props: Props) {
  const [size, setSize] = createSignal({ width: 800, height: 600 })
  const [view, setView] = createSignal({ k: 1, x: 0, y: 0 })
  let box: HTMLDivElement | undefined
  const by = () => props.scale ?? 1
  const disc = () => Math.min(size().width, size().height) * 0.14
  onMount(() => {
    if (!box) return
    const seen = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setSize({ width: entry.contentRect.width / by(), height: entry.contentRect.height / by() })
    })
    seen.observe(box)
    onCleanup(() => {
      seen.disconnect()
    })
  })
  // The frame follows what is there to see, and not each device that moves a little: that of the seats and the boundary.
  const frame = createMemo(() => {
    const seats = props.seats.map((s): [number, number] => [s.centre.lon, s.centre.lat])
    // Above a shaded seat stand its name, its value and its alarms.
    const top = props.seats.some((s) => s.heat) ? disc() + 64 : 0
    return projection(size().width, size().height, seats.length > 0 ? seats : [[106.9, 11.7]], props.boundary, top)
  })
  const spots = createMemo(() => {
    const to = frame()
    return props.places.flatMap((place): Spot[] => {
      const at = to([place.lon, place.lat])
      return at ? [{ x: at[0], y: at[1], place }] : []
    })
  })
  // Clusters depend on how near one looks, and not on where to.
  const k = createMemo(() => view().k)
  const clusters = createMemo(() => cluster(spots().map((s) => ({ ...s, x: s.x * k(), y: s.y * k() })), closest))
  const at = (lon: number, lat: number) => {
    const p = frame()([lon, lat]) ?? [0, 0]
    return { x: p[0] * view().k + view().x, y: p[1] * view().k + view().y }
  }
  const outline = createMemo(() => (props.boundary ? (geoPath(frame())(props.boundary) ?? '') : ''))
  const grid = createMemo(() => geoPath(frame())(geoGraticule().extent([[104, 9], [110, 14]]).step([0.1, 0.1]).precision(90)()) ?? '')
  const bar = createMemo(() => {
    const [a, b] = [frame()([106.8, 11.6]), frame()([106.8, 11.7])]
    const perKm = (Math.abs((a?.[1] ?? 0) - (b?.[1] ?? 1)) / 11.06) * view().k
    return scaleBar(perKm, 140)
  })

  /** Looks nearer or from farther, around a point of the frame. */
  function zoom(by: number, x = size().width / 2, y = size().height / 2): void {
    const v = view()
    const next = Math.min(deepest, Math.max(1, v.k * by))
    if (next === 1) {
      setView({ k: 1, x: 0, y: 0 })
      return
    }
    const f = next / v.k
    setView({ k: next, x: x - (x - v.x) * f, y: y - (y - v.y) * f })
  }
  const pan = (dx: number, dy: number) => {
    const v = view()
    const { width, height } = size()
    setView({ k: v.k, x: within(v.x + dx, width, v.k), y: within(v.y + dy, height, v.k) })
  }

  function enter(c: Cluster): void {
    const first = c.spots[0]
    if (!first) return
    if (c.spots.length === 1) {
      props.open(first.place)
      return
    }
    const [xs, ys] = [c.spots.map((s) => s.x), c.spots.map((s) => s.y)]
    const spread = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys))
    const v = view()
    if (spread < 1.5 || v.k >= deepest) {
      props.choose(c.spots.map((s) => s.place))
      return
    }
    const by = Math.min(6, Math.max(2, (Math.min(size().width, size().height) * 0.6) / spread))
    const next = Math.min(deepest, v.k * by)
    const f = next / v.k
    setView({ k: next, x: size().width / 2 - c.x * f, y: size().height / 2 - c.y * f })
  }

  function press(e: KeyboardEvent): void {
    const step = 80
    const does: Record<string, () => void> = {
      ArrowLeft: () => { pan(step, 0) }, ArrowRight: () => { pan(-step, 0) }, ArrowUp: () => { pan(0, step) }, ArrowDown: () => { pan(0, -step) },
      '+': () => { zoom(1.6) }, '=': () => { zoom(1.6) }, '-': () => { zoom(1 / 1.6) }, '0': () => { zoom(0) },
    }
    const act = does[e.key]
    if (!act || e.ctrlKey || e.metaKey) return
    e.preventDefault()
    act()
  }

  let held: { x: number; y: number; moved: boolean } | null = null
  createEffect(on(() => props.boundary, () => setView({ k: 1, x: 0, y: 0 }), { defer: true }))
  return (
    <div
      class="map-view"
      ref={(e) => {
        box = e
        // Not passive: the page must not scroll under the wheel.
        e.addEventListener('wheel', (w) => {
          w.preventDefault()
          const r = e.getBoundingClientRect()
          zoom(w.deltaY < 0 ? 1.35 : 1 / 1.35, (w.clientX - r.left) / by(), (w.clientY - r.top) / by())
        }, { passive: false })
      }}
      onKeyDown={press}
      data-zoom={view().k}
    >
      <svg
        role="group"
        aria-label={props.words.label}
        width="100%"
        height="100%"
        viewBox={`0 0 ${String(size().width)} ${String(size().height)}`}
        onPointerDown={(e) => {
          held = { x: e.clientX, y: e.clientY, moved: false }
        }}
        onPointerMove={(e) => {
          if (!held || e.buttons === 0) return
          const [dx, dy] = [e.clientX - held.x, e.clientY - held.y]
          if (!held.moved && Math.hypot(dx, dy) < 4) return
          e.currentTarget.setPointerCapture(e.pointerId)
          pan(dx / by(), dy / by())
          held = { x: e.clientX, y: e.clientY, moved: true }
        }}
        onPointerUp={() => {
          held = null
        }}
      >
        <g transform={`translate(${String(view().x)} ${String(view().y)}) scale(${String(view().k)})`} class="plan">
          <path class="grid" d={grid()} />
          <path class="area" d={outline()} />
        </g>
        <For each={props.seats}>
          {(s) => (
            <Show when={s.heat}>
              {(h) => (
                <g class="heat" transform={`translate(${String(at(s.centre.lon, s.centre.lat).x)} ${String(at(s.centre.lon, s.centre.lat).y)})`}>
                  <circle r={disc()} fill-opacity={0.12 + 0.55 * h().shade} />
                </g>
              )}
            </Show>
          )}
        </For>
        <For each={clusters()}>
          {(c) => (
            <Point
              cluster={c}
              x={c.x + view().x}
              y={c.y + view().y}
              alarmed={c.spots.some((s) => props.alarmed.has(s.place.id))}
              label={c.spots.length === 1 && c.spots[0] ? props.words.one(c.spots[0].place) : props.words.many(c)}
              enter={() => {
                enter(c)
              }}
            />
          )}
        </For>
        <For each={props.seats}>
          {(s) => {
            const p = () => at(s.centre.lon, s.centre.lat)
            // A name at the edge moves in as far as it must, and goes with its place when that is out of sight.
            const x = () => (p().x > 0 && p().x < size().width ? Math.min(size().width - 64, Math.max(64, p().x)) : p().x)
            return (
              <g class="seat" transform={`translate(${String(x())} ${String(p().y - (s.heat ? disc() + 10 : 48))})`}>
                <text text-anchor="middle" dy={s.heat ? '-1.25em' : '0'}>{s.name}</text>
                <Show when={s.heat}>{(h) => <text class="value" text-anchor="middle">{h().label}</text>}</Show>
                <Show when={s.alarms > 0}>
                  <text class="alarms" text-anchor="middle" dy={s.heat ? '-2.6em' : '-1.3em'}>
                    {props.words.alarms(s.alarms)}
                  </text>
                </Show>
              </g>
            )
          }}
        </For>
        <g class="scale" transform={`translate(20 ${String(size().height - 20)})`}>
          <path d={`M0 -6V0H${String(bar().pixels)}V-6`} />
          <text x={bar().pixels / 2} y="-8" text-anchor="middle">{props.words.km(bar().km)}</text>
        </g>
      </svg>
      <div class="zoom">
        <button type="button" aria-label={props.words.zoomIn} onClick={() => { zoom(1.6) }}>+</button>
        <button type="button" aria-label={props.words.zoomOut} onClick={() => { zoom(1 / 1.6) }}>−</button>
        <button type="button" aria-label={props.words.whole} onClick={() => { zoom(0) }}>⤢</button>
      </div>
    </div>
  )
}

interface PointProps {
  cluster: Cluster
  x: number
  y: number
  alarmed: boolean
  label: string
  enter: () => void
}

/**
 * A point or several. A single one has the shape and colour of its state, and the letter of what it is. Several are a ring that
 * shows how many of them are how grave; what is not well stands out as a badge with its own shape and number.
 */
function Point(props: PointProps) {
  const spots = () => props.cluster.spots
  const r = () => radius(spots().length)
  const letter = () => ({ camera: 'C', sensor: 'S', ticket: 'P' })[spots()[0]?.place.kind ?? 'camera']
  const parts = createMemo(() => shares(props.cluster))
  const bad = () => parts().find((p) => p.grade === 'grave' || p.grade === 'major' || p.grade === 'minor')
  const many = () => spots().length > 1
  const badge = () => `translate(${String(r() * 0.78)} ${String(-r() * 0.78)})`
  return (
    <g transform={`translate(${String(props.x)} ${String(props.y)})`}>
      <g
        class="point"
        classList={{ alarmed: props.alarmed }}
        role="button"
        tabindex="0"
        aria-label={props.label}
        data-grade={props.cluster.worst}
        data-count={spots().length}
        data-point={props.cluster.id}
        onClick={() => {
          props.enter()
        }}
        onKeyDown={(e) => {
          if (e.key !== 'Enter' && e.key !== ' ') return
          e.preventDefault()
          e.stopPropagation()
          props.enter()
        }}
      >
        <title>{props.label}</title>
        <Show when={props.alarmed}>
          <circle class="ring" r={r() + 7} />
        </Show>
        <circle class="focus" r={r() + 5} />
        <Show when={many()} fallback={<path class="body" d={shape(props.cluster.worst, r())} />}>
          <circle class="disc" r={r()} />
          <For each={parts()}>
            {(p) => (
              <circle
                class="share"
                data-grade={p.grade}
                r={r() - 3}
                pathLength={spots().length}
                stroke-dasharray={`${String(p.count)} ${String(spots().length - p.count)}`}
                stroke-dashoffset={-p.from}
                transform="rotate(-90)"
              />
            )}
          </For>
          <Show when={bad()}>{(b) => <path class="body flag" data-grade={b().grade} transform={badge()} d={shape(b().grade, b().count > 99 ? 13 : 10)} />}</Show>
        </Show>
      </g>
      {/* What is written on it is said by its label, in words. */}
      <g class="written" aria-hidden="true" text-anchor="middle">
        <text classList={{ many: many() }} dy="0.36em">{many() ? spots().length : letter()}</text>
        <Show when={many() && bad()}>
          {(b) => <text class="small" transform={badge()} dy={b().grade === 'minor' ? '0.5em' : '0.36em'}>{b().count}</text>}
        </Show>
      </g>
    </g>
  )
}

/** A circle when all is well, a triangle, a square on its corner and an octagon when not. All are about as large. */
function shape(grade: Grade, r: number): string {
  const corners = (n: number, turn: number, size: number) =>
    `M${Array.from({ length: n }, (_, i) => {
      const a = turn + (2 * Math.PI * i) / n
      return `${(Math.cos(a) * size).toFixed(1)} ${(Math.sin(a) * size).toFixed(1)}`
    }).join('L')}Z`
  switch (grade) {
    case 'minor':
      return corners(3, -Math.PI / 2, r * 1.35)
    case 'major':
      return corners(4, 0, r * 1.2)
    case 'grave':
      return corners(8, Math.PI / 8, r * 1.08)
    default:
      return `M${String(-r)} 0A${String(r)} ${String(r)} 0 1 1 ${String(r)} 0A${String(r)} ${String(r)} 0 1 1 ${String(-r)} 0Z`
  }
}
