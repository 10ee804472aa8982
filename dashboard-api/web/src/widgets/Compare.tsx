import { For } from 'solid-js'

import { useKPI, useWall } from '../context'
import type { Widget } from '../wire'
import { Panel } from './Panel'

/** One KPI of several centres, as bars from zero with the target as a mark. */
export function CompareWidget(props: { widget: Widget }) {
  const { board, lang } = useWall()
  const kpi = () => props.widget.kpi ?? ''
  const it = useKPI(kpi, () => '')
  const centres = () => props.widget.centres ?? board.centres().map((c) => c.code)
  const most = () => {
    const values = centres().map((c) => Math.abs(board.value(kpi(), c)?.value ?? 0))
    return it.unit() === '%' ? 100 : Math.max(1e-9, it.kpi()?.target?.value ?? 0, ...values)
  }
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? it.name()} note={it.unit()}>
      <ul class="bars">
        <For each={centres()}>{(code) => <Bar kpi={kpi()} centre={code} most={most()} />}</For>
      </ul>
    </Panel>
  )
}

/** One bar. Its length is a transform, which moves without a new layout. */
export function Bar(props: { kpi: string; centre: string; most: number; rank?: number | null }) {
  const { short, words } = useWall()
  const it = useKPI(() => props.kpi, () => props.centre)
  const share = (v: number) => Math.max(0, Math.min(1, v / props.most))
  const target = () => it.kpi()?.target?.value
  return (
    <li data-state={it.state()}>
      <span class="name">{props.rank === undefined ? short(props.centre) : `${props.rank ?? '–'}. ${short(props.centre)}`}</span>
      <span class="track" aria-hidden="true">
        <i style={{ transform: `scaleX(${share(it.value()?.value ?? 0)})` }} />
        <s classList={{ off: target() === undefined }} style={{ left: `${share(target() ?? 0) * 100}%` }} />
      </span>
      <b>
        {it.shown()}
        <span class="unseen">{it.state() === 'ok' ? '' : `, ${words().state[it.state()]}`}</span>
      </b>
    </li>
  )
}
