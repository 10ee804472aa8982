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
  target: { value: number; source: string } | null
  values: Value[]
}

export interface Centre {
  code: string
  name: Text
  short: Text
  parent: string
}

export type FeedState = 'alive' | 'late' | 'silent'

export interface Feed {
  centre: string
  domain: string
  state: FeedState
  newest_arrival: string | null
  sources: number
  silent_sources: number
}

export interface Series {
  step_seconds: number
  points: { at: string; value: number | null }[]
}

export type Frame =
  | { type: 'hello'; build: string; epoch: string; at: string }
  | { type: 'snapshot' | 'delta'; seq: number; at: string; values: Value[] }
  | { type: 'heartbeat'; seq: number; at: string }
  | { type: 'feeds'; seq: number; at: string; feeds: Feed[] }
  | { type: 'error'; detail: string }
