import { For, Show } from 'solid-js'

import { useWall } from '../context'
import { moment } from '../format'
import { feedState } from '../fresh'
import { SourceMark } from '../marks'
import type { Feed, Widget } from '../wire'
import { Panel } from './Panel'

/** The health of the feeds: of one centre, or of all. */
export function FeedsWidget(props: { widget: Widget }) {
  const { board, words, lang } = useWall()
  const centres = () => board.centres().filter((c) => !props.widget.centre || c.code === props.widget.centre)
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? ''}>
      <ul class="feeds" aria-label={words().feeds}>
        <For each={centres()}>
          {(centre) => (
            <li class="feed-group">
              <h2>{centre.short[lang()]}</h2>
              <ul>
                <For each={board.feeds().filter((f) => f.centre === centre.code).map((f) => f.domain)}>
                  {(domain) => <OneFeed centre={centre.code} domain={domain} />}
                </For>
              </ul>
            </li>
          )}
        </For>
      </ul>
    </Panel>
  )
}

function OneFeed(props: { centre: string; domain: string }) {
  const { board, words, lang } = useWall()
  const feed = (): Feed | undefined => board.feeds().find((f) => f.centre === props.centre && f.domain === props.domain)
  const state = () => {
    const f = feed()
    return f ? feedState(f, board.now()) : 'silent'
  }
  const word = () => {
    if (state() !== 'silent') return words().feed[state()]
    const at = feed()?.newest_arrival
    return at ? words().since(moment(new Date(at), new Date(board.now()), lang())) : words().never
  }
  return (
    <li data-feed={`${props.centre}/${props.domain}`} data-state={state()}>
      <SourceMark state={state()} />
      <span>
        {words().domain[props.domain] ?? props.domain}
        <Show when={word()}>
          <em classList={{ unseen: state() === 'alive' }}>{word()}</em>
        </Show>
      </span>
    </li>
  )
}
