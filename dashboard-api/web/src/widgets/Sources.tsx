import { createMemo, createSignal, For, onCleanup, onMount } from 'solid-js'

import { ask } from '../ask'
import { useWall } from '../context'
import { number } from '../format'
import { cells, counts } from '../grid'
import { FeedMark } from '../marks'
import { useShown } from '../shown'
import type { FeedSource, FeedSourceList, FeedState, Widget } from '../wire'
import { Panel } from './Panel'

const every = 15_000
const page = 500
/** More sources of a feed than this are not drawn one by one. */
const most = 2000

/** The state of each camera or sensor as one cell, the worst first. */
export function SourcesWidget(props: { widget: Widget }) {
  const { board, words, lang } = useWall()
  const shown = useShown()
  const [sources, setSources] = createSignal<FeedSource[]>([])
  const [size, setSize] = createSignal({ width: 0, height: 0 })
  let place: HTMLDivElement | undefined
  const domain = () => props.widget.of ?? 'camera'

  async function renew(): Promise<void> {
    const of = props.widget.centre ? [props.widget.centre] : board.centres().map((c) => c.code)
    const all: FeedSource[] = []
    for (const centre of of) {
      let after = ''
      do {
        const query = new URLSearchParams({ limit: String(page), ...(after ? { after } : {}) })
        const list = await ask<FeedSourceList>(`/api/v1/feeds/${encodeURIComponent(centre)}/${domain()}/sources?${query.toString()}`)
        all.push(...list.sources)
        after = list.next
      } while (after && all.length < most)
    }
    setSources(all)
  }
  const askIfSeen = () => {
    if (shown() && board.connected() !== false) void renew().catch((error: unknown) => { console.warn('the sources do not come; they are asked for again', error) })
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
  const by = createMemo(() => counts(sources()))
  const drawn = createMemo(() => cells(by(), size().width, size().height))
  const states: FeedState[] = ['silent', 'late', 'alive']
  return (
    <Panel
      widget={props.widget} title={props.widget.title?.[lang()] ?? words().domain[domain()] ?? ''}
      aside={
        <ul class="legend">
          <For each={states}>
            {(state) => (
              <li data-state={state}>
                <FeedMark state={state} />
                <b>{number(by()[state], 0, lang())}</b>
                <span>{words().feed[state]}</span>
              </li>
            )}
          </For>
        </ul>
      }
    >
      <div class="cells" ref={place}>
        <svg viewBox={`0 0 ${Math.max(1, size().width)} ${Math.max(1, size().height)}`} aria-hidden="true">
          <For each={states}>{(state) => <path data-state={state} d={drawn()[state]} />}</For>
        </svg>
      </div>
    </Panel>
  )
}
