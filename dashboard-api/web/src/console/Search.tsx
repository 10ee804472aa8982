import { createMemo, For, Show } from 'solid-js'

import type { KPI, State } from '../wire'
import { address, createAnswer } from './api'
import { key } from './board'
import { useConsole } from './context'
import { CentreChoice, type Column, Health, Rows, TextFilter } from './List'
import { Chip, grade } from './marks'
import type { Found } from './wire'

/** Finds sources, KPIs, dossiers and tickets. Before something is typed it lists all KPIs with their live values. */
export function Search() {
  const c = useConsole()
  const typed = () => c.route.get('text').trim()
  const asked = () => typed().length >= 2
  const path = () => (asked() ? address('/api/v1/search', { q: typed() }) : null)
  const answer = createAnswer<Found>(path, c.lang, 30_000, 'id')
  const none = () => {
    const found = answer.data()
    return found && found.sources.length + found.kpis.length + found.things.length === 0
  }
  return (
    <section class="search" data-list={answer.of()}>
      <div class="tools">
        <TextFilter label={c.words().search.label} debounce={200} />
        <Show when={!asked()}>
          <CentreChoice />
        </Show>
        <p class="quiet">{c.words().search.hint}</p>
      </div>
      <Show when={asked()} fallback={<AllKPIs />}>
        <Health answer={answer} />
        <Show when={none()}>
          <p class="nothing">{c.words().search.none}</p>
        </Show>
        <Show when={answer.data()}>{(found) => <Results found={found()} />}</Show>
      </Show>
    </section>
  )
}

function Results(props: { found: Found }) {
  const c = useConsole()
  const status = (kind: string, s: string) => (kind === 'dossier' ? c.words().dossier[s] : c.words().ticket[s as 'received']) ?? s
  return (
    <div class="found">
      <Show when={props.found.sources.length > 0}>
        <h2>{c.words().search.sources}</h2>
        <ul>
          <For each={props.found.sources}>
            {(s) => (
              <li>
                <a data-row href={c.route.link({ source: s.source })} onClick={(e) => { e.preventDefault(); c.route.open({ source: s.source }) }}>
                  {s.source}
                </a>
                <span>{c.ago(s.newest_event)}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={props.found.kpis.length > 0}>
        <h2>{c.words().search.kpis}</h2>
        <ul>
          <For each={props.found.kpis}>
            {(k) => (
              <li>
                <a data-row href={c.route.link({ kpi: k.id })} onClick={(e) => { e.preventDefault(); c.route.open({ kpi: k.id }) }}>
                  {k.name[c.lang()]}
                </a>
                <code>{k.id}</code>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={props.found.things.length > 0}>
        <h2>{c.words().search.things}</h2>
        <ul>
          <For each={props.found.things}>
            {(t) => (
              <li>
                <a data-row href={c.route.link({ ticket: t.id })} onClick={(e) => { e.preventDefault(); c.route.open({ ticket: t.id }) }}>
                  {t.id}
                </a>
                <span>{`${c.words().things[t.kind] ?? t.kind} · ${c.centre(t.centre)}`}</span>
                <Chip state={t.status} label={status(t.kind, t.status)} />
                <span>{c.ago(t.time)}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </div>
  )
}

const rank: State[] = ['alarm', 'warning', 'stale', 'no_data', 'ok']

function AllKPIs() {
  const c = useConsole()
  const centre = () => c.route.get('centre') || (c.model.board.centres[0]?.code ?? '')
  const value = (k: KPI) => c.model.board.values[key(k.id, centre())]
  const state = (k: KPI) => value(k)?.state ?? 'no_data'
  const rows = createMemo(() =>
    [...c.model.board.kpis].sort((a, b) => rank.indexOf(state(a)) - rank.indexOf(state(b)) || a.name[c.lang()].localeCompare(b.name[c.lang()], c.lang())),
  )
  const head = () => c.words().columns
  const columns = (): Column<KPI>[] => [
    { name: 'name', head: head().name, cell: (k) => k.name[c.lang()] },
    { name: 'state', head: head().state, cell: (k) => <Chip state={state(k)} label={c.words().state[state(k)]} /> },
    { name: 'value', head: head().value, right: true, cell: (k) => <b>{`${c.count(value(k)?.value, k.decimals)} ${value(k)?.value == null ? '' : k.unit}`}</b> },
    { name: 'event', head: head().event, wide: true, cell: (k) => c.at(value(k)?.at) },
    { name: 'id', head: head().id, wide: true, cell: (k) => <code>{k.id}</code> },
  ]
  return (
    <>
      <h2>{c.words().search.allKpis}</h2>
      <Rows
        label={c.words().search.allKpis}
        rows={rows()}
        columns={columns()}
        id={(k) => k.id}
        grade={(k) => grade(state(k))}
        opened={c.route.get('kpi')}
        link={(k) => c.route.link({ kpi: k.id, of: centre() })}
        open={(k) => {
          c.route.open({ kpi: k.id, of: centre() })
        }}
      />
    </>
  )
}
