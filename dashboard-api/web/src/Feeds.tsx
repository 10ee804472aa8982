import { For } from 'solid-js'

import type { Lang } from './format'
import { moment } from './format'
import { FeedMark } from './marks'
import type { Board } from './store'
import { text } from './text'
import type { Feed } from './wire'

/** The health of the feeds: of one centre, or of all. */
export function Feeds(props: { board: Board; centre: string | null; lang: Lang; now: () => Date }) {
  const words = () => text[props.lang]
  const centres = () => props.board.centres.filter((c) => props.centre === null || c.code === props.centre)
  const word = (f: Feed) => {
    if (f.state !== 'silent') return words().feed[f.state]
    return f.newest_arrival ? words().since(moment(new Date(f.newest_arrival), props.now(), props.lang)) : words().never
  }
  return (
    <section class="feeds" aria-label={words().feeds}>
      <For each={centres()}>
        {(centre) => (
          <div class="feed-group">
            <h3>{centre.short[props.lang]}</h3>
            <ul>
              <For each={props.board.feeds.filter((f) => f.centre === centre.code)}>
                {(feed) => (
                  <li data-feed={`${feed.centre}/${feed.domain}`} data-state={feed.state}>
                    <FeedMark state={feed.state} />
                    <span>
                      {words().domain[feed.domain] ?? feed.domain}
                      <em classList={{ unseen: feed.state === 'alive' }}>{word(feed)}</em>
                    </span>
                  </li>
                )}
              </For>
            </ul>
          </div>
        )}
      </For>
    </section>
  )
}
