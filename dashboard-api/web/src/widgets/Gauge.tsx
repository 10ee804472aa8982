import { useKPI, useWall } from '../context'
import { number } from '../format'
import type { Widget } from '../wire'
import { Figure } from './Figure'
import { Panel } from './Panel'

// The arc is half a circle of radius 100 around 120, 120: the number has its place below.
const centreX = 120
const centreY = 120
const radius = 100
const sweep = 180

/** A point of the arc, so many parts of it from its beginning. */
function point(share: number, r: number): [number, number] {
  const angle = ((180 + share * sweep) * Math.PI) / 180
  return [centreX + r * Math.cos(angle), centreY + r * Math.sin(angle)]
}
const [fromX, fromY] = point(0, radius)
const [toX, toY] = point(1, radius)
const arc = `M${fromX.toFixed(2)} ${fromY.toFixed(2)}A${radius} ${radius} 0 0 1 ${toX.toFixed(2)} ${toY.toFixed(2)}`

/** A value between two ends. Right only where both are known: a share of 100 %, points of a score. */
export function GaugeWidget(props: { widget: Widget }) {
  const { lang, words, root } = useWall()
  const it = useKPI(() => props.widget.kpi ?? '', () => props.widget.centre ?? root())
  const lo = () => props.widget.min ?? 0
  const hi = () => props.widget.max ?? 100
  const share = (v: number) => Math.max(0, Math.min(1, (v - lo()) / (hi() - lo())))
  const target = () => it.kpi()?.target?.value
  const tick = () => {
    const s = share(target() ?? 0)
    const [x1, y1] = point(s, radius - 16)
    const [x2, y2] = point(s, radius + 16)
    return `M${x1.toFixed(2)} ${y1.toFixed(2)}L${x2.toFixed(2)} ${y2.toFixed(2)}`
  }
  const goal = () => {
    const t = target()
    if (t !== undefined) return `${words().target} ${number(t, Number.isInteger(t) ? 0 : 1, lang())} ${it.unit()}`
    return `${number(lo(), 0, lang())} – ${number(hi(), 0, lang())} ${it.unit()}`
  }
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? it.name()} state={it.state()}>
      <div class="dial">
        <svg viewBox="0 0 240 124" aria-hidden="true">
          <path d={arc} class="rail" pathLength="100" />
          <path d={arc} class="hand" pathLength="100" stroke-dasharray={`${share(it.value()?.value ?? 0) * 100} 200`} classList={{ off: it.value()?.value == null }} />
          <path d={tick()} class="goal" classList={{ off: target() === undefined }} />
        </svg>
        <Figure shown={it.shown()} unit={it.unit() === '%' ? '%' : ''} />
      </div>
      <p class="about">{goal()}</p>
    </Panel>
  )
}
