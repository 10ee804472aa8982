import { For, Show, untrack } from 'solid-js'

import { useKPI, useWall } from '../context'
import { useLine } from '../shown'
import type { Widget } from '../wire'
import { Chart, dashes } from './Chart'
import { Panel } from './Panel'

/** A KPI of one centre or a few over time, with its target. */
export function TrendWidget(props: { widget: Widget }) {
  const { lang, words, root } = useWall()
  const kpi = () => props.widget.kpi ?? ''
  const span = () => props.widget.seconds ?? 86_400
  const list = () => (props.widget.centres?.length ? props.widget.centres.slice(0, dashes.length) : [props.widget.centre ?? root()])
  const lines = untrack(() => list().map((centre) => useLine(kpi(), centre, span())))
  const it = useKPI(kpi, () => list()[0] ?? '')
  const target = () => {
    const k = it.kpi()
    return k?.target ? { value: k.target.value, better: k.better } : null
  }
  const empty = () => lines.every((l) => l.loaded() && l.version() >= 0 && l.track.empty)
  return (
    <Panel
      widget={props.widget} title={props.widget.title?.[lang()] ?? it.name()}
      note={`${it.unit() ? `${it.unit()} · ` : ''}${words().over(words().span(span()))}`} state={it.state()}
      aside={
        <ul class="legend">
          <For each={list()}>{(code, i) => <Entry kpi={kpi()} centre={code} dash={dashes[i()] ?? []} alone={list().length === 1} />}</For>
        </ul>
      }
    >
      <Chart lines={lines} kind="line" decimals={it.kpi()?.decimals ?? 0} target={target()} />
      <Show when={empty()}>
        <p class="nothing">{words().noHistory}</p>
      </Show>
    </Panel>
  )
}

/** What a line stands for, and its newest value. */
function Entry(props: { kpi: string; centre: string; dash: number[]; alone: boolean }) {
  const { short } = useWall()
  const it = useKPI(() => props.kpi, () => props.centre)
  return (
    <li data-state={it.state()}>
      <Show when={!props.alone}>
        <svg class="sample" viewBox="0 0 44 4" aria-hidden="true">
          <path d="M1 2h42" stroke-dasharray={props.dash.join(' ')} />
        </svg>
        <span>{short(props.centre)}</span>
      </Show>
      <b>
        {it.shown()} <Show when={props.alone}>{it.unit()}</Show>
      </b>
    </li>
  )
}
