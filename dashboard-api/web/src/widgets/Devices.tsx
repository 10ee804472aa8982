import { createMemo, createSignal, For, onCleanup, onMount } from 'solid-js'

import { ask } from '../ask'
import { useWall } from '../context'
import { number } from '../format'
import { cells, deviceStates, none } from '../grid'
import { SourceMark } from '../marks'
import { useShown } from '../shown'
import type { DeviceCounts, Widget } from '../wire'
import { Panel } from './Panel'

const every = 15_000

/** The state of each camera or sensor as one cell, the worst first: judged as by the KPIs of cameras and sensors, and as in the console. */
export function DevicesWidget(props: { widget: Widget }) {
  const { board, words, lang } = useWall()
  const shown = useShown()
  const [by, setBy] = createSignal<DeviceCounts>(none)
  const [size, setSize] = createSignal({ width: 0, height: 0 })
  let place: HTMLDivElement | undefined
  const domain = () => props.widget.of ?? 'camera'

  async function renew(): Promise<void> {
    // Of the devices themselves nothing is shown: only how many there are of each state. A centre's are its own; the province has all.
    const below = board.centres().find((c) => c.code === props.widget.centre)?.parent
    const query = new URLSearchParams({ limit: '1', ...(below && props.widget.centre ? { centre: props.widget.centre } : {}) })
    setBy((await ask<{ counts: DeviceCounts }>(`/api/v1/${domain()}s?${query.toString()}`)).counts)
  }
  const askIfSeen = () => {
    if (shown() && board.connected() !== false) void renew().catch((error: unknown) => { console.warn('the devices do not come; they are asked for again', error) })
  }
  onMount(() => {
    void renew().catch(() => undefined)
    const timer = setInterval(askIfSeen, every)
    const resized = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height })
    })
    if (place) resized.observe(place)
    onCleanup(() => {
      clearInterval(timer)
      resized.disconnect()
    })
  })
  const drawn = createMemo(() => cells(by(), size().width, size().height))
  return (
    <Panel
      widget={props.widget} title={props.widget.title?.[lang()] ?? words().domain[domain()] ?? ''}
      aside={
        <ul class="legend">
          <For each={deviceStates}>
            {(state) => (
              <li data-state={by()[state] > 0 ? state : undefined}>
                <SourceMark state={state} />
                <b>{number(by()[state], 0, lang())}</b>
                <span>{words().device[state]}</span>
              </li>
            )}
          </For>
        </ul>
      }
    >
      <div class="cells" ref={place}>
        <svg viewBox={`0 0 ${Math.max(1, size().width)} ${Math.max(1, size().height)}`} aria-hidden="true">
          <For each={deviceStates}>{(state) => <path data-state={state} d={drawn()[state]} />}</For>
        </svg>
      </div>
    </Panel>
  )
}
