import type { Alarm, AlarmState } from './wire'

const order: AlarmState[] = ['raised', 'acknowledged', 'cleared', 'shelved', 'closed']

/** What somebody must look at first comes first: by state, priority, and the newest. */
export function sorted(alarms: Alarm[]): Alarm[] {
  return [...alarms].sort(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) || a.priority - b.priority || Date.parse(b.raised_at) - Date.parse(a.raised_at) || (a.id < b.id ? -1 : 1),
  )
}

export interface AlarmFilter {
  state: string
  priority: string
  centre: string
  kind: string
  cause?: string
}

/** Those that a filter admits, without the ones that hang on another. */
export function admitted(alarms: Alarm[], f: AlarmFilter): Alarm[] {
  return alarms.filter(
    (a) =>
      a.parent === undefined &&
      (!f.state || a.state === f.state) &&
      (!f.priority || String(a.priority) === f.priority) &&
      (!f.centre || a.centre === f.centre) &&
      (!f.kind || a.kind === f.kind) &&
      (!f.cause || a.cause === f.cause),
  )
}

export type Action = 'acknowledge' | 'assign' | 'shelve' | 'unshelve' | 'close'

/** What may be done with an alarm in a state. The server has the last word. */
export function actions(state: AlarmState): Action[] {
  switch (state) {
    case 'raised':
      return ['acknowledge', 'assign', 'shelve']
    case 'acknowledged':
      return ['assign', 'shelve', 'close']
    case 'shelved':
      return ['unshelve', 'assign']
    case 'cleared':
      return ['acknowledge', 'close']
    case 'closed':
      return []
  }
}
