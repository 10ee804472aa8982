import { Show } from 'solid-js'

import { useWall } from './context'
import { moment, number } from './format'
import { PriorityMark } from './marks'
import type { Alarm } from './wire'

/** An alarm of priority 1 in the place of the scene, until somebody acknowledges it. */
export function TakeOver(props: { alarm: Alarm; rest: number }) {
  const { board, lang, words, short } = useWall()
  const kpi = () => (props.alarm.kpi ? board.kpi(props.alarm.kpi) : undefined)
  const places = () => kpi()?.decimals ?? 0
  return (
    <section class="take-over" role="alert" data-alarm={props.alarm.id}>
      <p class="take-over-head">
        <PriorityMark priority={props.alarm.priority} />
        <span>{words().priority[props.alarm.priority]}</span>
        <span>{short(props.alarm.centre)}</span>
        <span>{words().domain[props.alarm.domain] ?? ''}</span>
      </p>
      <h2>{props.alarm.title[lang()]}</h2>
      <Show when={props.alarm.value !== undefined}>
        <p class="figure">
          {number(props.alarm.value ?? 0, places(), lang())}
          <span class="unit">{props.alarm.unit ?? kpi()?.unit}</span>
          <Show when={props.alarm.bound !== undefined}>
            <span class="bound">{words().bound(number(props.alarm.bound ?? 0, places(), lang()))}</span>
          </Show>
        </p>
      </Show>
      <p class="take-over-about">
        {words().raised(moment(new Date(props.alarm.raised_at), new Date(board.now()), lang()))}
        <Show when={props.alarm.members > 1}> · {words().members(number(props.alarm.members, 0, lang()))}</Show>
        <Show when={props.alarm.source}> · {props.alarm.source}</Show>
        <Show when={props.rest > 0}> · {words().more(number(props.rest, 0, lang()))}</Show>
      </p>
      <p class="take-over-hint">{words().dismiss}</p>
    </section>
  )
}
