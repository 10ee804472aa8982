import { createEffect, createSignal, For, on, onCleanup, onMount, Show } from 'solid-js'

import { useWall } from '../context'
import { moment, number } from '../format'
import { PriorityMark } from '../marks'
import type { Alarm, Widget } from '../wire'
import { Panel } from './Panel'

/** The most rows of a list. */
const most = 30

/** The alarms that are open, the most urgent first. */
export function AlarmsWidget(props: { widget: Widget }) {
  const { board, words, lang } = useWall()
  const list = () => board.alarms().filter((a) => !props.widget.centre || a.centre === props.widget.centre)
  const rows = () => list().slice(0, props.widget.limit ?? most)
  const [fits, setFits] = createSignal(most)
  let place: HTMLUListElement | undefined
  // How many rows have room depends on how long their titles are. Those that have none are not shown in part.
  const measure = () => {
    if (!place || place.clientHeight === 0) return
    const end = place.getBoundingClientRect().bottom + 1
    const all = [...place.children]
    const first = all.findIndex((row) => row.getBoundingClientRect().bottom > end)
    setFits(first < 0 ? most : first)
  }
  onMount(() => {
    const resized = new ResizeObserver(measure)
    if (place) resized.observe(place)
    onCleanup(() => {
      resized.disconnect()
    })
  })
  createEffect(on([rows, lang], measure))
  const hidden = () => list().length - Math.min(rows().length, fits())
  return (
    <Panel
      widget={props.widget} title={props.widget.title?.[lang()] ?? words().alarms}
      aside={
        <Show when={hidden() > 0}>
          <p class="more">{words().more(number(hidden(), 0, lang()))}</p>
        </Show>
      }
    >
      <ul class="alarm-list" ref={place}>
        <For each={rows()}>{(alarm, i) => <Row alarm={alarm} off={i() >= fits()} />}</For>
      </ul>
      <Show when={list().length === 0}>
        <p class="nothing">{board.alarmsKnown() ? words().noAlarms : words().alarmsUnknown}</p>
      </Show>
    </Panel>
  )
}

function Row(props: { alarm: Alarm; off: boolean }) {
  const { board, words, lang, short } = useWall()
  return (
    <li classList={{ 'no-room': props.off }} data-priority={props.alarm.priority} data-alarm={props.alarm.state}>
      <PriorityMark priority={props.alarm.priority} />
      <span>
        <span class="unseen">{words().priority[props.alarm.priority]}: </span>
        <b>{props.alarm.title[lang()]}</b>
        <em>
          {short(props.alarm.centre)} · {moment(new Date(props.alarm.raised_at), new Date(board.now()), lang())} · {words().alarm[props.alarm.state]}
          <Show when={props.alarm.members > 1}> · {words().members(number(props.alarm.members, 0, lang()))}</Show>
        </em>
      </span>
    </li>
  )
}
