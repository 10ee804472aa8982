// The messages of the server, as schemas/wire defines them.

export type State = 'ok' | 'warning' | 'alarm' | 'stale' | 'no_data'

export interface Text {
  vi: string
  en: string
}

export interface Value {
  kpi: string
  centre: string
  value: number | null
  state: State
  at: string | null
  numerator: number | null
  denominator: number | null
}

export interface KPI {
  id: string
  name: Text
  description: Text
  unit: string
  decimals: number
  better: 'up' | 'down' | 'none'
  window: string
  formula: { kind: string; of: string }
  target: { value: number; by: string | null; source: string } | null
  stale_after_seconds: number
  values: Value[]
}

export interface Centre {
  code: string
  name: Text
  short: Text
  parent: string
  /** Degrees of WGS 84. */
  lat: number
  lon: number
}

export type FeedState = 'alive' | 'late' | 'silent'

export interface Feed {
  centre: string
  domain: string
  state: FeedState
  interval_seconds: number
  newest_arrival: string | null
  newest_event: string | null
  sources: number
  silent_sources: number
}

/** How a camera or a sensor stands. */
export type DeviceState = 'silent' | 'offline' | 'degraded' | 'online'

export type DeviceCounts = Record<DeviceState, number>

export interface Series {
  step_seconds: number
  points: { at: string; value: number | null }[]
}

export interface ScorecardTable {
  scorecard: { name: Text; points: number }
  units: { unit: string; name: Text; short: Text; share: number | null; rank: number | null }[]
}

export interface Scene {
  id: string
  name: Text
  columns: number
  rows: number
  widgets: Widget[]
}

export type WidgetKind =
  | 'alarms' | 'clock' | 'compare' | 'gauge' | 'hours' | 'map' | 'number' | 'ranking' | 'status' | 'target' | 'text' | 'ticker' | 'trend'

export interface Widget {
  kind: WidgetKind
  x: number
  y: number
  w: number
  h: number
  title?: Text
  kpi?: string
  kpis?: string[]
  centre?: string
  centres?: string[]
  seconds?: number
  of?: 'feeds' | 'camera' | 'sensor'
  scorecard?: string
  by?: 'agency' | 'centre' | 'head'
  min?: number
  max?: number
  text?: Text
  limit?: number
}

export interface Wall {
  id: string
  name: Text
  diagonal_inches: number
  distance_metres: number
  take_over: boolean
  scenes: { scene: string; seconds: number }[]
}

export type AlarmState = 'raised' | 'acknowledged' | 'shelved' | 'cleared' | 'closed'

export interface Alarm {
  id: string
  kind: 'kpi' | 'rate' | 'feed' | 'camera' | 'sensor' | 'flood'
  cause: string
  centre: string
  domain: string
  priority: 1 | 2 | 3 | 4
  state: AlarmState
  title: Text
  kpi?: string
  source?: string
  value?: number
  bound?: number
  unit?: string
  raised_at: string
  acknowledged_at?: string
  cleared_at?: string
  closed_at?: string
  changed_at: string
  shelved_until?: string
  assigned_to?: string
  by?: string
  why?: string
  members: number
  parent?: string
}

/** Where a client stands in the stream of alarms. */
export interface AlarmPosition {
  epoch?: string
  offset?: number
}

export interface Show {
  wall: string
  scene: string
  paused: boolean
  at: string
}

export type Frame =
  | { type: 'hello'; build: string; epoch: string; at: string }
  | { type: 'snapshot' | 'delta'; seq: number; at: string; values: Value[] }
  | { type: 'heartbeat'; seq: number; at: string }
  | { type: 'feeds'; seq: number; at: string; feeds: Feed[] }
  | { type: 'alarms'; epoch: string; offset: number; alarms: Alarm[] }
  | { type: 'alarm'; epoch: string; offset: number; alarm: Alarm }
  | ({ type: 'show' } & Show)
  | { type: 'error'; detail: string }
