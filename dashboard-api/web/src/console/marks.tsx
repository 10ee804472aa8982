import { Match, Switch } from 'solid-js'

/** How grave something is, whatever it is. */
export type Grade = 'ok' | 'minor' | 'major' | 'grave' | 'none'

const grades: Record<string, Grade> = {
  // devices, feeds
  online: 'ok', alive: 'ok', degraded: 'minor', late: 'minor', offline: 'major', silent: 'grave',
  // tickets, dossiers
  resolved: 'ok', received: 'none', forwarded: 'none', reopened: 'minor', open: 'none', overdue: 'grave', completed: 'ok', processing: 'none', supplement: 'minor',
  // KPIs
  ok: 'ok', warning: 'minor', alarm: 'grave', stale: 'none', no_data: 'none',
  // alarms
  raised: 'grave', acknowledged: 'minor', shelved: 'none', cleared: 'ok', closed: 'none',
}

export const grade = (state: string): Grade => grades[state] ?? 'none'

/** A grade as a shape: told apart without colour. */
export function Mark(props: { grade: Grade }) {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <Switch fallback={<circle cx="12" cy="12" r="7.5" class="hollow" />}>
        <Match when={props.grade === 'ok'}>
          <circle cx="12" cy="12" r="6" fill="currentColor" />
        </Match>
        <Match when={props.grade === 'minor'}>
          <path d="M12 2.5 22.5 21h-21Z" fill="currentColor" />
        </Match>
        <Match when={props.grade === 'major'}>
          <path d="M12 1 23 12 12 23 1 12Z" fill="currentColor" />
        </Match>
        <Match when={props.grade === 'grave'}>
          <path d="M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9Z" fill="currentColor" />
          <path d="M8 8l8 8M16 8l-8 8" class="ink" />
        </Match>
      </Switch>
    </svg>
  )
}

/** A state as shape, colour and word. */
export function Chip(props: { state: string; label: string; grade?: Grade }) {
  const g = () => props.grade ?? grade(props.state)
  return (
    <span class="chip" data-grade={g()}>
      <Mark grade={g()} />
      {props.label}
    </span>
  )
}
