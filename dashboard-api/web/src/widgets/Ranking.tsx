import { createSignal, For, onCleanup, Show, untrack } from 'solid-js'

import { ask } from '../ask'
import { useKPI, useWall } from '../context'
import { number } from '../format'
import type { ScorecardTable, Widget } from '../wire'
import { Bar } from './Compare'
import { Panel } from './Panel'

/** How often a scorecard is asked for, in ms: it moves slowly. */
const every = 300_000

/** Who stands best: centres by a KPI, or agencies, localities or heads by a scorecard. */
export function RankingWidget(props: { widget: Widget }) {
  return (
    <Show when={props.widget.scorecard} fallback={<CentreRanking widget={props.widget} />}>
      <ScoreRanking widget={props.widget} />
    </Show>
  )
}

function CentreRanking(props: { widget: Widget }) {
  const { board, lang } = useWall()
  const kpi = () => props.widget.kpi ?? ''
  const it = useKPI(kpi, () => '')
  const of = (code: string) => board.value(kpi(), code)?.value ?? null
  // The best first. Who has no value stands last, without a rank.
  const order = () => {
    const sign = it.kpi()?.better === 'down' ? 1 : -1
    const list = (props.widget.centres ?? board.centres().map((c) => c.code)).map((code) => ({ code, value: of(code) }))
    list.sort((a, b) => (a.value === null || b.value === null ? Number(a.value === null) - Number(b.value === null) : sign * (a.value - b.value)))
    return list.map((x) => x.code)
  }
  const most = () => Math.max(1e-9, ...order().map((c) => Math.abs(of(c) ?? 0)))
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? it.name()} note={it.unit()}>
      <ol class="bars">
        <For each={order().slice(0, props.widget.limit ?? 10)}>
          {(code) => <Bar kpi={kpi()} centre={code} most={most()} rank={of(code) === null ? null : order().indexOf(code) + 1} />}
        </For>
      </ol>
    </Panel>
  )
}

function ScoreRanking(props: { widget: Widget }) {
  const { lang, words } = useWall()
  const [table, setTable] = createSignal<ScorecardTable | null>(null)
  const renew = () => {
    const query = new URLSearchParams({ by: props.widget.by ?? 'agency' })
    ask<ScorecardTable>(`/api/v1/scorecards/${encodeURIComponent(props.widget.scorecard ?? '')}?${query.toString()}`)
      .then(setTable)
      .catch((error: unknown) => {
        console.warn('the scorecard does not come; it is asked for again', error)
      })
  }
  untrack(renew)
  const timer = setInterval(renew, every)
  onCleanup(() => {
    clearInterval(timer)
  })
  const units = () => (table()?.units ?? []).filter((u) => u.rank !== null).slice(0, props.widget.limit ?? 10)
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? table()?.scorecard.name[lang()] ?? ''} note="%">
      <ol class="ranks">
        <For each={units()}>
          {(u) => (
            <li>
              <span class="rank">{u.rank}</span>
              <span class="name">{u.short[lang()] || u.name[lang()]}</span>
              <b>{u.share === null ? '–' : number(u.share, 1, lang())}</b>
            </li>
          )}
        </For>
      </ol>
      <Show when={table() && units().length === 0}>
        <p class="nothing">{words().unranked}</p>
      </Show>
    </Panel>
  )
}
