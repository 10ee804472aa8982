import { Show } from 'solid-js'

import { useKPI, useWall } from '../context'
import { month, number } from '../format'
import { TargetMark } from '../marks'
import type { Widget } from '../wire'
import { Figure } from './Figure'
import { Panel } from './Panel'

/** How far a target is reached. */
export function TargetWidget(props: { widget: Widget }) {
  const { lang, words, root } = useWall()
  const it = useKPI(() => props.widget.kpi ?? '', () => props.widget.centre ?? root())
  const target = () => it.kpi()?.target ?? null
  const value = () => it.value()?.value ?? null
  const down = () => it.kpi()?.better === 'down'
  const places = () => it.kpi()?.decimals ?? 0
  const gap = () => {
    const [v, t] = [value(), target()]
    return v === null || !t ? null : Math.max(0, down() ? v - t.value : t.value - v)
  }
  const most = () => (it.unit() === '%' ? 100 : Math.max(target()?.value ?? 0, value() ?? 0, 1e-9))
  const share = (v: number) => Math.max(0, Math.min(1, v / most()))
  const goal = () => {
    const t = target()
    if (!t) return words().noTarget
    const by = t.by ? ` · ${month(new Date(t.by), lang())}` : ''
    return `${words().target} ${number(t.value, Number.isInteger(t.value) ? 0 : 1, lang())} ${it.unit()}${by}`
  }
  // What is less than can be shown of a gap is none.
  const reached = () => (gap() ?? 0) < 0.5 * 10 ** -places()
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? it.name()} state={it.state()}>
      <div class="goalline">
        <Figure shown={it.shown()} unit={it.unit()} />
        <div>
          <p class="verdict" data-reached={gap() === null ? '' : String(reached())}>
            <Show when={gap() !== null}>
              <TargetMark reached={reached()} />
              <span>{reached() ? words().reached : words().short(number(gap() ?? 0, places(), lang()))}</span>
            </Show>
          </p>
          <p class="track" aria-hidden="true">
            <i style={{ transform: `scaleX(${share(value() ?? 0)})` }} />
            <s classList={{ off: !target() }} style={{ left: `${share(target()?.value ?? 0) * 100}%` }} />
          </p>
          <p class="about">{goal()}</p>
        </div>
      </div>
    </Panel>
  )
}
