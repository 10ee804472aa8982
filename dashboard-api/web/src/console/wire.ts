// The messages of the server that only the console reads, as schemas/wire defines them.

import type { Alarm, AlarmState, DeviceCounts, DeviceState, FeedState, KPI, Text } from '../wire'

export type { Alarm, AlarmState } from '../wire'

/** How this browser stands at the server. */
export interface Session {
  /** Under which changes are recorded, beside the address; empty: the address alone. */
  name: string
  /** To open another session. */
  token_needed: boolean
}

export interface Place {
  kind: 'camera' | 'sensor' | 'ticket'
  id: string
  centre: string
  state: string
  lat: number
  lon: number
  at: string
}

export interface PlaceList {
  places: Place[]
  left_out: number
  homeless: number
  boundary: boolean
}

/** A KPI with how it is counted. */
export type CountedKPI = KPI & { formula: { kind: string } }

export interface Device {
  source: string
  centre: string
  domain: string
  state: DeviceState
  said: string
  newest_event: string
  newest_arrival: string
  fps: number | null
  bitrate_kbps: number | null
  speed_kmh: number | null
  battery: number | null
  rssi: number | null
  lat: number | null
  lon: number | null
}

export interface DeviceList {
  devices: Device[]
  counts: DeviceCounts
  total: number
  next: string
}

export type TicketStatus = 'received' | 'forwarded' | 'reopened' | 'resolved'

export interface Ticket {
  id: string
  centre: string
  kind: string
  channel: string
  status: TicketStatus
  agency: string
  agency_name: Text | null
  topic: string
  overdue: boolean
  received_at: string
  due_at: string | null
  resolved_at: string | null
  rating: number | null
  time: string
  lat: number | null
  lon: number | null
}

export interface TicketList {
  tickets: Ticket[]
  counts: Record<TicketStatus | 'overdue', number>
  next: string
}

interface FeedSpan {
  events: number
  repeats: number
  rejected: number
  rejected_share: number | null
  delay_p50_seconds: number | null
  delay_p99_seconds: number | null
}

interface FeedActivity {
  hour: FeedSpan
  rate: number | null
  gaps: { count: number; longest: { from: string; to: string | null; seconds: number } | null }
}

export interface FeedHealth extends FeedActivity {
  centre: string
  domain: string
  state: FeedState
  interval_seconds: number
  newest_arrival: string | null
  newest_event: string | null
  sources: number
  silent_sources: number
  late_sources: number
  rejected_hour: number
}

export interface FeedSource extends FeedActivity {
  source: string
  centre: string
  domain: string
  state: FeedState
  interval_seconds: number
  newest_arrival: string
  newest_event: string
}

export interface FeedSourceList {
  sources: FeedSource[]
  total: number
  next: string
}

export interface SourceHour {
  source: string
  centre: string
  domain: string
  types: string[]
  state: FeedState
  interval_seconds: number
  first_arrival: string
  newest_arrival: string
  newest_event: string
  from: string
  to: string
  minutes: { at: string; events: number; repeats: number }[]
  metrics: { metric: string; unit: string; last: number; least: number; greatest: number; mean: number; values: number; at: string }[]
  changes: { at: string; status: string; before: string }[]
  events: { at: string; arrived: string; type: string; entity: string; fields: Record<string, string> }[]
}

export interface Found {
  sources: { source: string; centre: string; domain: string; newest_event: string }[]
  kpis: { id: string; name: Text }[]
  things: { kind: 'dossier' | 'ticket'; id: string; centre: string; agency: string; agency_name: Text | null; status: string; time: string }[]
}

export interface Explanation {
  kpi: { id: string; name: Text; description: Text; unit: string; decimals: number; source: string; formula: { kind: string } }
  definition: Text
  window: { text: string; from: string; to: string }
  value: { value: number | null; state: string; at: string | null; numerator: number | null; denominator: number | null }
  centres: { centre: string; value: number | null; numerator: number | null; denominator: number | null }[]
  evidence: { events: number; sources: number; things: number; newest: string | null; late_share: number | null } | null
  refused: { refused: number; taken: number; share: number | null }
  target: { value: number; source: string } | null
}

export interface KPIEvents {
  events: {
    at: string
    kind: string
    centre: string
    entity: string
    source: string
    time: string | null
    numerator: number | null
    denominator: number | null
    value: number | null
    fields: Record<string, string>
  }[]
  next: string
}

export interface AlarmList {
  items: Alarm[]
  next?: string
  flood: { active: boolean; since?: string; held: number }
  counts: Partial<Record<AlarmState, number>>
}

/** How many alarms there were for how many operators. */
export interface AlarmStatistics {
  from: string
  to: string
  raised: number
  /** Who did something with an alarm in this time; at least 1. */
  operators: number
  per_operator_hour: number
  peak_10_minutes: number
  peak_at?: string
  /** Of the time, 0 to 1. */
  flood_share: number
  standing: number
  /** Of those that stand, raised more than 24 hours before. */
  stale: number
  /** Of those that were raised, held were held back by a flood; the others were presented at once. */
  worst: { cause: string; centre: string; title: Text; raised: number; held: number; share: number }[]
  priorities: { priority: number; raised: number; share: number }[]
}

export interface AlarmDetail {
  alarm: Alarm
  history: { at: string; action: string; state: AlarmState; by?: string; why?: string }[]
  members: Alarm[]
  next?: string
}
