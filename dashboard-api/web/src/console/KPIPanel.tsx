import { For, Show } from 'solid-js'

import { address, createAnswer } from './api'
import { shortName, useConsole } from './context'
import { Fields } from './Fields'
import { Health } from './List'
import { Chip } from './marks'
import { Sheet } from './Sheet'
import type { Explanation, KPIEvents } from './wire'

/** Where the number of a KPI comes from: its parts, and the events behind it, each of which leads to its source. */
export function KPIPanel() {
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
