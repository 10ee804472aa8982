import type { JSX } from 'solid-js'
import { Show } from 'solid-js'

import { useWall } from '../context'
import { StateMark } from '../marks'
import type { State, Widget } from '../wire'

interface Props {
  widget: Widget
  title: string
  /** Behind the title, in smaller type. */
  note?: string | undefined
  state?: State
  /** Beside the title. */
  aside?: JSX.Element
  children: JSX.Element
}

/** The frame of a widget: its name, and its state where that is worth a word. */
export function Panel(props: Props) {
  const { words } = useWall()
  const state = () => props.state ?? 'ok'
  return (
    <article class={`widget ${props.widget.kind}`} data-kpi={props.widget.kpi} data-centre={props.widget.centre} data-state={state()} aria-label={props.title}>
      <Show when={state() !== 'ok'}>
        <p class="state">
          <StateMark state={state()} />
          <span>{words().state[state()]}</span>
        </p>
      </Show>
      <Show when={props.title}>
        <header>
          <h2>{props.title}</h2>
          <Show when={props.note}>
            <small>{props.note}</small>
          </Show>
          {props.aside}
        </header>
      </Show>
      {props.children}
    </article>
  )
}
