// The small ones: clock, text, ticker.
import { createMemo, For, Show } from 'solid-js'

import { useKPI, useWall } from '../context'
import { day, time } from '../format'
import type { Widget } from '../wire'
import { Panel } from './Panel'

/** The time in Binh Phuoc by the server's clock. */
export function ClockWidget(props: { widget: Widget }) {
  const { board, lang } = useWall()
  const now = () => new Date(board.now())
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? ''}>
      <time class="figure">{time(now(), lang())}</time>
      <p class="about">{day(now(), lang())}</p>
    </Panel>
  )
}

export function TextWidget(props: { widget: Widget }) {
  const { lang } = useWall()
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? ''}>
      <p class="words">{props.widget.text?.[lang()]}</p>
    </Panel>
  )
}

/** How long a ticker shows the same values, in ms. */
const turn = 8000

/** Many values, a few at a time. They change places and don't run: what moves all the time draws the eye from what matters. */
export function TickerWidget(props: { widget: Widget }) {
  const { board, root } = useWall()
  const items = () => {
    const centres = props.widget.centre ? [props.widget.centre] : [root(), ...board.centres().map((c) => c.code).filter((c) => c !== root())]
    return (props.widget.kpis ?? []).flatMap((kpi) => centres.map((centre) => ({ kpi, centre })))
  }
  const places = () => Math.max(1, Math.floor(props.widget.w / (props.widget.h === 1 ? 6 : 4)))
  const pages = () => Math.max(1, Math.ceil(items().length / places()))
  // By the clock: all walls show the same at the same time.
  const page = createMemo(() => Math.floor(board.now() / turn) % pages())
  const shown = (i: number) => items()[page() * places() + i]
  return (
    <Panel widget={props.widget} title="">
      <ul>
        <For each={Array.from({ length: places() }, (_, i) => i)}>
          {(i) => (
            <li>
              <Show when={shown(i)}>{(item) => <TickerItem kpi={item().kpi} centre={item().centre} />}</Show>
            </li>
          )}
        </For>
      </ul>
    </Panel>
  )
}

function TickerItem(props: { kpi: string; centre: string }) {
  const { short, words } = useWall()
  const it = useKPI(() => props.kpi, () => props.centre)
  return (
    <span class="item" data-state={it.state()}>
      <span>
        {it.name()} <small>{short(props.centre)}</small>
      </span>{' '}
      <b>
        {it.shown()} {it.unit()}
        <Show when={it.state() !== 'ok'}>
          <span class="unseen">, {words().state[it.state()]}</span>
        </Show>
      </b>
    </span>
  )
}
