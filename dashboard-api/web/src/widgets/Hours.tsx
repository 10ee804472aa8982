import { untrack } from 'solid-js'

import { useKPI, useWall } from '../context'
import { useLine } from '../shown'
import type { Widget } from '../wire'
import { Chart } from './Chart'
import { Panel } from './Panel'

/** A KPI by the hours of the last day. */
export function HoursWidget(props: { widget: Widget }) {
  const { lang, words, root } = useWall()
  const centre = () => props.widget.centre ?? root()
  const it = useKPI(() => props.widget.kpi ?? '', centre)
  const line = untrack(() => useLine(props.widget.kpi ?? '', centre(), 23 * 3600, 3600))
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? it.name()} note={`${it.unit() ? `${it.unit()} · ` : ''}${words().lastDay}`}>
      <Chart lines={[line]} kind="bars" decimals={0} target={null} />
    </Panel>
  )
}
