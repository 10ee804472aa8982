import { createEffect, createMemo, For, type JSX, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js'

import { address, createAnswer } from './api'
import { AlarmPanel } from './AlarmPanel'
import { hourPath, shortName, useConsole } from './context'
import { Health } from './List'
import { Chip } from './marks'
import { panels } from './route'
import { topic } from './text'
import type { Explanation, Found, KPIEvents, SourceHour, TicketList } from './wire'

/** What is open beside the list. */
export function Panel() {
  const c = useConsole()
  const which = createMemo(() => panels.find((p) => c.route.get(p) !== ''))
  return (
    <Switch>
      <Match when={which() === 'source'}>
        <SourcePanel />
      </Match>
      <Match when={which() === 'kpi'}>
        <KPIPanel />
      </Match>
      <Match when={which() === 'alarm'}>
        <AlarmPanel />
      </Match>
      <Match when={which() === 'ticket'}>
        <TicketPanel />
      </Match>
    </Switch>
  )
}

/** A panel with its title. It takes the focus when it opens, and gives it back when it closes. */
export function Sheet(props: { title: string; about: JSX.Element; of: string; children: JSX.Element }) {
  const c = useConsole()
  let heading: HTMLHeadingElement | undefined
  const before = document.activeElement
  onMount(() => heading?.focus({ preventScroll: true }))
  createEffect(on(() => props.title, () => heading?.parentElement?.parentElement?.scrollTo(0, 0), { defer: true }))
  onCleanup(() => {
    if (before instanceof HTMLElement && before !== document.body && before.isConnected) before.focus({ preventScroll: true })
    // The row that it was opened from may have left the list meanwhile.
    else document.querySelector<HTMLElement>('main [data-row]')?.focus({ preventScroll: true })
  })
  return (
    <aside class="panel" aria-label={props.title} data-panel={props.of}>
      <header>
        <h2 ref={heading} tabindex="-1">
          {props.title}
        </h2>
        <button
          type="button"
          class="icon"
          aria-label={c.words().close}
          onClick={() => {
            c.route.close()
          }}
        >
          ×
        </button>
        <p class="about">{props.about}</p>
      </header>
      {props.children}
    </aside>
  )
}

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

/** What is told of an event, its status first, as people write it. */
function Fields(props: { fields: Record<string, string>; most?: number }) {
  const c = useConsole()
  const all = () => Object.entries(props.fields).sort(([a], [b]) => Number(b === 'status') - Number(a === 'status'))
  const told = (name: string, value: string) => {
    if (name === 'status') return statusWord(value, c.words())
    if (name === 'topic') return topic(value, c.lang())
    if (name === 'kind') return c.words().kinds[value] ?? value
    if (name === 'channel') return c.words().channels[value] ?? value
    if (name === 'domain') return c.words().domain[value] ?? value
    if (/^\d{4}-\d\d-\d\d[T ]\d\d:/.test(value)) return c.at(value.endsWith('Z') ? value : `${value.replace(' ', 'T')}Z`)
    const number = /^(-?\d+(?:\.(\d+))?)( \D.*)?$/.exec(value)
    return number ? c.count(Number(number[1]), Math.min(2, number[2]?.length ?? 0)) + (number[3] ?? '') : value
  }
  return (
    <span class="fields">
      <For each={all().slice(0, props.most ?? 12)}>
        {([name, value]) => (
          <span>
            <i>{c.words().fields[name] ?? name}</i> {told(name, value)}
          </span>
        )}
      </For>
    </span>
  )
}

function statusWord(status: string, w: ReturnType<ReturnType<typeof useConsole>['words']>): string {
  return (w.device as Record<string, string>)[status] ?? (w.ticket as Record<string, string>)[status] ?? w.dossier[status] ?? status
}

/** One source, and its last hour. */
function SourcePanel() {
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

/** Where the number of a KPI comes from: its parts, and the events behind it, each of which leads to its source. */
function KPIPanel() {
  const c = useConsole()
  const w = () => c.words()
  const id = () => c.route.get('kpi')
  const of = () => c.route.get('of') || (c.model.board.centres[0]?.code ?? '')
  const base = () => `/api/v1/kpis/${encodeURIComponent(id())}`
  const path = () => address(`${base()}/explanation`, { centre: of() })
  const answer = createAnswer<Explanation>(path, c.lang, 10_000, 'centre')
  const told = () => (answer.of() === path() ? answer.data() : undefined)
  const events = createAnswer<KPIEvents>(() => address(`${base()}/events`, { centre: of(), part: part(), limit: 50 }), c.lang, 10_000, 'entity')
  const kpi = () => c.model.board.kpis.find((k) => k.id === id())
  const kind = () => c.model.board.kpis.find((k) => k.id === id())?.formula.kind ?? ''
  const two = () => ['ratio', 'standing_ratio', 'up', 'down', 'feed'].includes(kind())
  // Of a count of what is down, those that are down are what somebody looks for.
  const part = () => c.route.get('part') || (kind() === 'down' ? 'numerator' : two() ? 'denominator' : '')
  const percent = (share: number | null | undefined) => (share == null ? '–' : `${c.count(share * 100, 1)} %`)
  return (
    <Sheet title={kpi()?.name[c.lang()] ?? id()} of={answer.of()} about={<><code>{id()}</code> · {c.centre(of())}</>}>
      <Health answer={answer} />
      <Show when={told()}>
        {(x) => (
          <>
            <p class="figure">
              <b>{c.count(x().value.value, x().kpi.decimals)}</b>
              <span>{x().value.value === null ? '' : x().kpi.unit}</span>
              <Chip state={x().value.state} label={w().state[x().value.state as 'ok']} />
            </p>
            <dl class="facts">
              <dt>{w().kpi.definition}</dt>
              <dd>{x().definition[c.lang()]}</dd>
              <dt>{w().kpi.counts}</dt>
              <dd>{`${c.count(x().value.numerator)} / ${c.count(x().value.denominator)}`}</dd>
              <Show when={x().target}>
                {(t) => (
                  <>
                    <dt>{w().kpi.target}</dt>
                    <dd>{`${c.count(t().value, x().kpi.decimals)} ${x().kpi.unit}`}</dd>
                  </>
                )}
              </Show>
              <Show when={x().evidence}>
                {(e) => (
                  <>
                    <dt>{w().columns.event}</dt>
                    <dd>{`${c.at(e().newest)}; ${w().kpi.evidence(c.count(e().things), c.count(e().sources))}`}</dd>
                  </>
                )}
              </Show>
              <dt>{w().kpi.refused}</dt>
              <dd>{percent(x().refused.share)}</dd>
            </dl>
            <p class="links">
              <a href={`/explain/${encodeURIComponent(id())}${address('', { centre: of(), lang: c.lang() })}`}>{w().kpi.more}</a>
              <a href={address(`${base()}/events.csv`, { centre: of(), part: part() })}>{w().kpi.csv}</a>
            </p>
            <Show when={x().centres.length > 1}>
              <h3>{w().kpi.byCentre}</h3>
              <table class="plain">
                <tbody>
                  <For each={x().centres}>
                    {(p) => (
                      <tr>
                        <th scope="row">
                          <a href={c.route.link({ kpi: id(), of: p.centre })} onClick={(e) => { e.preventDefault(); c.route.open({ kpi: id(), of: p.centre }) }}>
                            {c.centre(p.centre)}
                          </a>
                        </th>
                        <td class="right"><b>{`${c.count(p.value, x().kpi.decimals)} ${p.value === null ? '' : x().kpi.unit}`}</b></td>
                        <td class="right">{p.denominator === null ? c.count(p.numerator) : `${c.count(p.numerator)} / ${c.count(p.denominator)}`}</td>
                      </tr>
                    )}
                  </For>
                </tbody>
              </table>
            </Show>
          </>
        )}
      </Show>
      <h3>{w().kpi.events}</h3>
      <Show when={two()}>
        <div class="states small" role="group" aria-label={w().kpi.events}>
          <For each={['numerator', 'denominator'] as const}>
            {(p) => (
              <button
                type="button"
                aria-pressed={part() === p}
                onClick={() => {
                  c.route.open({ kpi: id(), of: of(), part: p })
                }}
              >
                {w().kpi[p]}
              </button>
            )}
          </For>
        </div>
      </Show>
      <Show when={!events.error()} fallback={<p class="quiet">{w().kpi.noEvents}</p>}>
        <Show when={events.data()?.events.length === 0}>
          <p class="quiet">{w().kpi.empty}</p>
        </Show>
        <ol class="events" data-events={events.of()}>
          <For each={events.data()?.events ?? []}>
            {(e) => (
              <li>
                <time>{c.at(e.at)}</time>
                <span>
                  <Show when={e.source} fallback={e.entity || (w().things[e.kind] ?? e.kind)}>
                    <a href={c.route.link({ source: e.source })} onClick={(event) => { event.preventDefault(); c.route.open({ source: e.source }) }}>
                      {e.entity || shortName(e.source)}
                    </a>
                  </Show>
                  {` · ${c.centre(e.centre)}`}
                </span>
                <Fields fields={e.fields} most={4} />
              </li>
            )}
          </For>
        </ol>
      </Show>
    </Sheet>
  )
}

/** All that is told of a dossier or a ticket. Persons are not among it. */
function TicketPanel() {
  const c = useConsole()
  const w = () => c.words()
  const id = () => c.route.get('ticket')
  const found = createAnswer<Found>(() => address('/api/v1/search', { q: id(), limit: 50 }), c.lang, 10_000, 'id')
  const thing = () => found.data()?.things.find((t) => t.id === id())
  // The list of tickets tells more of one than the search.
  const list = createAnswer<TicketList>(() => (thing()?.kind === 'ticket' ? address('/api/v1/tickets', { centre: thing()?.centre, id: id() }) : null), c.lang, 10_000, 'id')
  const ticket = () => list.data()?.tickets.find((t) => t.id === id())
  return (
    <Sheet title={id()} of={found.of()} about={thing() ? `${w().things[thing()?.kind ?? ''] ?? ''} · ${c.centre(thing()?.centre ?? '')}` : ''}>
      <Health answer={found} />
      <Show when={found.at() > 0 && !thing()}>
        <p class="nothing">{w().search.none}</p>
      </Show>
      <Show when={thing()}>
        {(t) => (
          <dl class="facts">
            <dt>{w().columns.state}</dt>
            <dd>
              <Chip state={ticket()?.overdue ? 'overdue' : t().status} label={(ticket()?.overdue ? `${w().overdue} · ` : '') + (t().kind === 'dossier' ? (w().dossier[t().status] ?? t().status) : statusWord(t().status, w()))} />
            </dd>
            <dt>{w().columns.event}</dt>
            <dd>{`${c.ago(t().time)} (${c.at(t().time)})`}</dd>
            <dt>{w().columns.agency}</dt>
            <dd>{t().agency_name?.[c.lang()] ?? (t().agency || '–')}</dd>
            <Show when={ticket()}>
              {(x) => (
                <>
                  <dt>{w().columns.kind}</dt>
                  <dd>{w().kinds[x().kind] ?? x().kind}</dd>
                  <dt>{w().columns.topic}</dt>
                  <dd>{topic(x().topic, c.lang()) || '–'}</dd>
                  <dt>{w().columns.channel}</dt>
                  <dd>{w().channels[x().channel] ?? x().channel}</dd>
                  <dt>{w().columns.received}</dt>
                  <dd>{c.at(x().received_at)}</dd>
                  <dt>{w().columns.due}</dt>
                  <dd>{x().due_at ? c.at(x().due_at) : w().noDue}</dd>
                  <Show when={x().resolved_at}>
                    <dt>{w().ticket.resolved}</dt>
                    <dd>{c.at(x().resolved_at)}</dd>
                  </Show>
                </>
              )}
            </Show>
          </dl>
        )}
      </Show>
    </Sheet>
  )
}
