import type { Accessor } from 'solid-js'
import { For, Match, Switch } from 'solid-js'

import { Shown } from './shown'
import { AlarmsWidget } from './widgets/Alarms'
import { CompareWidget } from './widgets/Compare'
import { DevicesWidget } from './widgets/Devices'
import { FeedsWidget } from './widgets/Feeds'
import { GaugeWidget } from './widgets/Gauge'
import { HoursWidget } from './widgets/Hours'
import { NumberWidget } from './widgets/Number'
import { ProvinceWidget } from './widgets/Province'
import { RankingWidget } from './widgets/Ranking'
import { ClockWidget, TextWidget, TickerWidget } from './widgets/Small'
import { TargetWidget } from './widgets/Target'
import { TrendWidget } from './widgets/Trend'
import type { Scene, Widget } from './wire'

/** One scene: its widgets on their grid, in the order in which they are read. */
export function SceneView(props: { scene: Scene; shown: Accessor<boolean> }) {
  const widgets = () => [...props.scene.widgets].sort((a, b) => a.y - b.y || a.x - b.x)
  return (
    // eslint-disable-next-line solid/reactivity -- it is the accessor itself that is handed on
    <Shown.Provider value={props.shown}>
      <section
        class="scene"
        classList={{ shown: props.shown() }}
        data-scene={props.scene.id}
        aria-hidden={!props.shown()}
        style={{ '--columns': String(props.scene.columns), '--rows': String(props.scene.rows) }}
      >
        <For each={widgets()}>
          {(widget) => (
            <div class="cell" style={{ 'grid-area': `${widget.y} / ${widget.x} / span ${widget.h} / span ${widget.w}` }}>
              <WidgetView widget={widget} />
            </div>
          )}
        </For>
      </section>
    </Shown.Provider>
  )
}

/** The widget of a kind. Kinds that this page does not know are left out: the server may be newer. */
export function WidgetView(props: { widget: Widget }) {
  const is = (kind: Widget['kind']) => props.widget.kind === kind
  return (
    <Switch>
      <Match when={is('number')}><NumberWidget widget={props.widget} /></Match>
      <Match when={is('trend')}><TrendWidget widget={props.widget} /></Match>
      <Match when={is('compare')}><CompareWidget widget={props.widget} /></Match>
      <Match when={is('ranking')}><RankingWidget widget={props.widget} /></Match>
      <Match when={is('gauge')}><GaugeWidget widget={props.widget} /></Match>
      <Match when={is('target')}><TargetWidget widget={props.widget} /></Match>
      <Match when={is('status') && props.widget.of === 'feeds'}><FeedsWidget widget={props.widget} /></Match>
      <Match when={is('status')}><DevicesWidget widget={props.widget} /></Match>
      <Match when={is('alarms')}><AlarmsWidget widget={props.widget} /></Match>
      <Match when={is('hours')}><HoursWidget widget={props.widget} /></Match>
      <Match when={is('map')}><ProvinceWidget widget={props.widget} /></Match>
      <Match when={is('clock')}><ClockWidget widget={props.widget} /></Match>
      <Match when={is('ticker')}><TickerWidget widget={props.widget} /></Match>
      <Match when={is('text')}><TextWidget widget={props.widget} /></Match>
    </Switch>
  )
}
