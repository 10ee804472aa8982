import { createMemo, For, Show, untrack } from 'solid-js'

import { useKPI, useWall } from '../context'
import { moment, number } from '../format'
import { useLine } from '../shown'
import { path } from '../spark'
import type { Widget } from '../wire'
import { Figure } from './Figure'
import { Panel } from './Panel'

/** How far back the small line reaches, in seconds, and its step. */
const past = { span: 6 * 3600, step: 600 }

/** One value, large, with its last hours and what it is measured by. */
export function NumberWidget(props: { widget: Widget }) {
  const { board, lang, words, root } = useWall()
  const centre = () => props.widget.centre ?? root()
  const it = useKPI(() => props.widget.kpi ?? '', centre)
  const line = untrack(() => useLine(props.widget.kpi ?? '', centre(), past.span, past.step))
  const drawn = createMemo(() => {
    line.version()
    return path(line.track)
  })
  // Counts are worth a look where they are counts of things, such as 312 of 340.
  const counts = () => {
    const v = it.value()
    if (v?.denominator == null || v.numerator == null || it.unit() !== '%') return ''
    return `${number(v.numerator, 0, lang())}/${number(v.denominator, 0, lang())}`
  }
  const about = () => {
    const target = it.kpi()?.target
    const goal = target ? `${words().target} ${number(target.value, Number.isInteger(target.value) ? 0 : 1, lang())} ${it.unit()}` : ''
    return [goal, counts()].filter(Boolean).join(' · ')
  }
  const at = () => {
    const when = it.value()?.at
    return when ? words().at(moment(new Date(when), new Date(board.now()), lang())) : ''
  }
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? it.name()} state={it.state()}>
      <Figure shown={it.shown()} unit={it.unit()} />
      <div class="past">
        <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
          <path d={drawn()} />
        </svg>
        <span class="at">{at()}</span>
      </div>
      <Show when={props.widget.centres?.length} fallback={<p class="about">{about()}</p>}>
        <ul class="others">
          <For each={props.widget.centres}>{(code) => <Other kpi={props.widget.kpi ?? ''} centre={code} />}</For>
        </ul>
      </Show>
    </Panel>
  )
}

/** The same KPI of another centre, small. */
function Other(props: { kpi: string; centre: string }) {
  const { short, words } = useWall()
  const it = useKPI(() => props.kpi, () => props.centre)
  return (
    <li data-state={it.state()}>
      <span>{short(props.centre)}</span>
      <b>
        {it.shown()}
        <Show when={it.state() === 'warning' || it.state() === 'alarm' || it.state() === 'stale'}>
          <span class="unseen">, {words().state[it.state()]}</span>
        </Show>
      </b>
    </li>
  )
}
