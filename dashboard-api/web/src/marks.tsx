import { Match, Switch } from 'solid-js'

import type { DeviceState, FeedState, State } from './wire'

/** A state as a shape: told apart without colour, and from afar. */
export function StateMark(props: { state: State }) {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <Switch>
        <Match when={props.state === 'warning'}>
          <path d="M12 2 23 21H1Z" fill="currentColor" />
          <path d="M12 9v6m0 2.2v1.6" class="ink" />
        </Match>
        <Match when={props.state === 'alarm'}>
          <path d="M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9Z" fill="currentColor" />
          <path d="M12 6v7m0 3v2" class="ink" />
        </Match>
        <Match when={props.state === 'stale'}>
          <circle cx="12" cy="12" r="9.5" class="line dashed" />
          <path d="M12 6.5V12l4 2.5" class="line" />
        </Match>
        <Match when={props.state === 'no_data'}>
          <path d="M4 12h16" class="line" />
        </Match>
      </Switch>
    </svg>
  )
}

/** The state of a feed or a device as a shape. */
export function SourceMark(props: { state: FeedState | DeviceState }) {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <Switch>
        <Match when={props.state === 'alive' || props.state === 'online'}>
          <circle cx="12" cy="12" r="6" fill="currentColor" />
        </Match>
        <Match when={props.state === 'late' || props.state === 'degraded'}>
          <path d="M12 3 22 20H2Z" fill="currentColor" />
        </Match>
        <Match when={props.state === 'offline'}>
          <path d="M12 2 22 12 12 22 2 12Z" fill="currentColor" />
        </Match>
        <Match when={props.state === 'silent'}>
          <path d="M5 5l14 14M19 5 5 19" class="line thick" />
        </Match>
      </Switch>
    </svg>
  )
}

/** The priority of an alarm as a shape: the more urgent, the fuller. */
export function PriorityMark(props: { priority: number }) {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <Switch>
        <Match when={props.priority === 1}>
          <path d="M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9Z" fill="currentColor" />
          <path d="M12 6v7m0 3v2" class="ink" />
        </Match>
        <Match when={props.priority === 2}>
          <path d="M12 2 23 21H1Z" fill="currentColor" />
          <path d="M12 9v6m0 2.2v1.6" class="ink" />
        </Match>
        <Match when={props.priority === 3}>
          <path d="M12 3 21 12 12 21 3 12Z" class="line" />
        </Match>
        <Match when={true}>
          <circle cx="12" cy="12" r="7" class="line" />
        </Match>
      </Switch>
    </svg>
  )
}

/** Whether a target is reached. */
export function TargetMark(props: { reached: boolean }) {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <Switch>
        <Match when={props.reached}>
          <path d="M4 12.5 10 19 21 5" class="line thick" />
        </Match>
        <Match when={!props.reached}>
          <path d="M12 4v13m-6-6 6 6 6-6" class="line" />
        </Match>
      </Switch>
    </svg>
  )
}
