import { For, Show } from 'solid-js'

import { createAnswer } from './api'
import { hourPath, shortName, useConsole } from './context'
import { Fields, statusWord } from './Fields'
import { Health } from './List'
import { Chip } from './marks'
import { Sheet } from './Sheet'
import type { SourceHour } from './wire'

/** What a source delivered in each minute of the hour. */
function Minutes(props: { hour: SourceHour }) {
  const c = useConsole()
  const most = () => Math.max(1, ...props.hour.minutes.map((m) => m.events))
  const total = () => props.hour.minutes.reduce((sum, m) => sum + m.events, 0)
  return (
    <figure class="minutes">
      <figcaption>
        <span>{c.words().source.perMinute}</span>
        <span>{`${c.words().source.total(c.count(total()))}, ${c.words().source.most(c.count(total() ? most() : 0))}`}</span>
      </figcaption>
      <svg viewBox="0 0 600 80" preserveAspectRatio="none" role="img" aria-label={`${c.words().source.perMinute}: ${c.words().source.total(c.count(total()))}`}>
        <For each={props.hour.minutes}>
          {(m, i) => (
            <rect x={i() * 10 + 1} width="8" y={m.events ? 78 - (76 * m.events) / most() : 77} height={m.events ? (76 * m.events) / most() + 2 : 3} classList={{ empty: m.events === 0 }}>
              <title>{`${c.at(m.at)}: ${c.count(m.events)}`}</title>
            </rect>
          )}
        </For>
      </svg>
      <p class="axis">
        <span>{c.at(props.hour.from).slice(0, 5)}</span>
        <span>{c.at(props.hour.to).slice(0, 5)}</span>
      </p>
    </figure>
  )
}

/** One source, and its last hour. */
export function SourcePanel() {
  const c = useConsole()
  const source = () => c.route.get('source')
  const answer = createAnswer<SourceHour>(() => hourPath(source()), c.lang, 5000, 'at')
  // What is there may be of the source that was open before.
  const hour = () => (answer.of() === hourPath(source()) ? answer.data() : undefined)
  const w = () => c.words()
  return (
    <Sheet title={shortName(source())} of={answer.of()} about={<code>{source()}</code>}>
      <Health answer={answer} />
      <Show when={hour()}>
        {(h) => (
          <>
            <dl class="facts">
              <Show when={h().changes[0]}>
                {(x) => (
                  <>
                    <dt>{w().source.device}</dt>
                    <dd><Chip state={x().status} label={statusWord(x().status, w())} /></dd>
                  </>
                )}
              </Show>
              <dt>{w().source.line}</dt>
              <dd><Chip state={h().state} label={w().feed[h().state]} /></dd>
              <dt>{w().columns.arrival}</dt>
              <dd>{`${c.ago(h().newest_arrival)} (${c.at(h().newest_arrival)})`}</dd>
              <dt>{w().columns.centre}</dt>
              <dd>{`${c.centre(h().centre)} · ${w().domain[h().domain] ?? h().domain}`}</dd>
              <dt>{w().source.sends}</dt>
              <dd>{`${h().types.map((t) => w().types[t] ?? t).join(', ')}; ${w().source.interval(c.count(h().interval_seconds))}`}</dd>
            </dl>
            <h3>{w().source.hour}</h3>
            <Minutes hour={h()} />
            <Show when={h().metrics.length > 0}>
              <h3>{w().source.metrics}</h3>
              <table class="plain">
                <thead>
                  <tr>
                    <th scope="col">{w().columns.name}</th>
                    <th scope="col" class="right">{w().source.last}</th>
                    <th scope="col" class="right">{w().source.least}</th>
                    <th scope="col" class="right">{w().source.mean}</th>
                    <th scope="col" class="right">{w().source.greatest}</th>
                  </tr>
                </thead>
                <tbody>
                  <For each={h().metrics}>
                    {(m) => (
                      <tr>
                        <th scope="row">{w().fields[m.metric] ?? m.metric}</th>
                        <td class="right"><b>{`${c.count(m.last, 1)} ${m.unit}`}</b></td>
                        <td class="right">{c.count(m.least, 1)}</td>
                        <td class="right">{c.count(m.mean, 1)}</td>
                        <td class="right">{c.count(m.greatest, 1)}</td>
                      </tr>
                    )}
                  </For>
                </tbody>
              </table>
            </Show>
            <Show when={h().types.some((t) => t === 'camera' || t === 'sensor')}>
              <h3>{w().source.changes}</h3>
              <Show when={h().changes.length > 1} fallback={<p class="quiet">{w().source.noChanges}</p>}>
                <ol class="changes">
                  <For each={h().changes}>
                    {(x) => (
                      <li>
                        <time>{c.at(x.at)}</time>
                        <Show when={x.before}>
                          <span>{statusWord(x.before, w())}</span>
                          <span aria-hidden="true">→</span>
                        </Show>
                        <Chip state={x.status} label={statusWord(x.status, w())} />
                      </li>
                    )}
                  </For>
                </ol>
              </Show>
            </Show>
            <h3>{w().source.events}</h3>
            <Show when={h().events.length > 0} fallback={<p class="quiet">{w().source.noEvents}</p>}>
              <ol class="events">
                <For each={h().events}>
                  {(e) => (
                    <li>
                      <time>{c.at(e.at)}</time>
                      <span>{[w().types[e.type] ?? e.type, e.entity].filter(Boolean).join(' ')}</span>
                      <Fields fields={e.fields} />
                    </li>
                  )}
                </For>
              </ol>
            </Show>
          </>
        )}
      </Show>
    </Sheet>
  )
}
