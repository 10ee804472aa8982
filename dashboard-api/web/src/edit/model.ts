// What can be done to a scene, without anything that is drawn.
import type { Scene, Widget, WidgetKind } from '../wire'

/** A scene as the editor has it: beside what walls draw, whose it is. */
export interface Draft extends Scene {
  centre?: string
}

export type Field = 'kpi' | 'kpis' | 'centre' | 'centres' | 'title' | 'span' | 'of' | 'rank' | 'ends' | 'text' | 'limit'

/** What a widget of each kind has beside its place, as schemas/scene has it, and how large a new one is in a grid of 12 × 12. */
export const kinds: Record<WidgetKind, { fields: Field[]; w: number; h: number }> = {
  number: { fields: ['kpi', 'centre', 'centres', 'title'], w: 3, h: 4 },
  trend: { fields: ['kpi', 'span', 'centre', 'centres', 'title'], w: 5, h: 4 },
  compare: { fields: ['kpi', 'centres', 'title'], w: 4, h: 4 },
  ranking: { fields: ['rank', 'centres', 'title', 'limit'], w: 4, h: 4 },
  gauge: { fields: ['kpi', 'centre', 'title', 'ends'], w: 3, h: 4 },
  target: { fields: ['kpi', 'centre', 'title'], w: 4, h: 3 },
  status: { fields: ['of', 'centre', 'title'], w: 6, h: 2 },
  alarms: { fields: ['centre', 'title', 'limit'], w: 4, h: 4 },
  hours: { fields: ['kpi', 'centre', 'title'], w: 5, h: 4 },
  map: { fields: ['kpi', 'title'], w: 4, h: 5 },
  clock: { fields: ['title'], w: 3, h: 2 },
  ticker: { fields: ['kpis', 'centre'], w: 12, h: 1 },
  text: { fields: ['text', 'title'], w: 4, h: 2 },
}

const between = (n: number, least: number, most: number) => Math.min(Math.max(n, least), Math.max(least, most))

/** The widget so many cells on, within the grid. */
export function moved(w: Widget, dx: number, dy: number, grid: Draft): Widget {
  return { ...w, x: between(w.x + dx, 1, grid.columns - w.w + 1), y: between(w.y + dy, 1, grid.rows - w.h + 1) }
}

/** The widget so many cells larger, within the grid. */
export function resized(w: Widget, dw: number, dh: number, grid: Draft): Widget {
  return { ...w, w: between(w.w + dw, 1, grid.columns - w.x + 1), h: between(w.h + dh, 1, grid.rows - w.y + 1) }
}

const meet = (a: Widget, b: Widget) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

/** The widgets that lie on another, by their places in the list. */
export function overlapping(widgets: Widget[]): Set<number> {
  return new Set(widgets.flatMap((a, i) => (widgets.some((b, j) => i !== j && meet(a, b)) ? [i] : [])))
}

/** A new widget where there is room; where there is none, at the top left, to be moved. */
export function fresh(kind: WidgetKind, kpi: string, scene: Draft): Widget {
  const w = Math.max(1, Math.ceil((kinds[kind].w * scene.columns) / 12))
  const h = Math.max(1, Math.ceil((kinds[kind].h * scene.rows) / 12))
  const widget: Widget = { kind, x: 1, y: 1, w, h, ...(scene.centre && kinds[kind].fields.includes('centre') ? { centre: scene.centre } : {}) }
  if (kinds[kind].fields.includes('kpi') || kind === 'ranking') widget.kpi = kpi
  if (kind === 'trend') widget.seconds = 86_400
  if (kind === 'ticker') widget.kpis = [kpi]
  if (kind === 'status') widget.of = 'feeds'
  if (kind === 'gauge') Object.assign(widget, { min: 0, max: 100 })
  if (kind === 'text') widget.text = { vi: 'Nội dung', en: 'Text' }
  for (let y = 1; y + h - 1 <= scene.rows; y++) {
    for (let x = 1; x + w - 1 <= scene.columns; x++) {
      if (!scene.widgets.some((o) => meet({ ...widget, x, y }, o))) return { ...widget, x, y }
    }
  }
  return widget
}

/** The place of a widget in the list that a fault of the server speaks of, such as widgets[2].kpi. */
export function widgetOf(field: string): number | null {
  const found = /^widgets\[(\d+)\]/.exec(field)
  return found ? Number(found[1]) : null
}

/** The id of the scene that a YAML file holds. */
export function idOf(file: string): string {
  return /^id:\s*["']?([a-z][a-z0-9-]*)/m.exec(file)?.[1] ?? ''
}

/** The newest states that can be gone back to. */
const remembered = 100

/** One scene through all its changes. */
export interface Steps {
  now: Draft
  past: Draft[]
  future: Draft[]
}

export const begin = (scene: Draft): Steps => ({ now: scene, past: [], future: [] })
export const step = (s: Steps, to: Draft): Steps => ({ now: to, past: [...s.past, s.now].slice(-remembered), future: [] })

export function undo(s: Steps): Steps {
  const to = s.past.at(-1)
  return to ? { now: to, past: s.past.slice(0, -1), future: [s.now, ...s.future] } : s
}

export function redo(s: Steps): Steps {
  const [to, ...future] = s.future
  return to ? { now: to, past: [...s.past, s.now], future } : s
}
