import { createMemo, For, type JSX, Show } from 'solid-js'

import { date, time } from '../format'
import { PriorityMark } from '../marks'
import { createAnswer } from './api'
import { useConsole } from './context'
import { CentreChoice, type Column, Health, Rows } from './List'
import { Chip, type Grade } from './marks'
import { grades, guide, judge, type Measure, measure, percent, place, position, recommended, type Span, spanOf, spans, together, told } from './statistics'
import type { AlarmStatistics } from './wire'

/** How often the statistics are read anew while they are looked at, in ms: a month of alarms is much to count. */
const every = 15_000

type Worst = AlarmStatistics['worst'][number]

/** How many alarms there were for how many persons, by EEMUA 191, and which causes raised the most. */
export function Statistics() {
  const c = useConsole()
  const w = () => c.words().statistics
  const span = () => spanOf(c.route.get('span'))
  const centre = () => c.route.get('centre')
  const path = createMemo(() => place(centre(), span(), c.model.now()))
  const answer = createAnswer<AlarmStatistics>(path, c.lang, every, 'cause')
  // What is there may be of the centre or the span before.
  const s = () => (answer.of() === path() ? answer.data() : undefined)
  // Both ends with their day: a span is not read as one of today.
  const end = (at: string) => `${time(new Date(at), c.lang(), false)} ${date(new Date(at), c.lang())}`
  const percentOf = (share: number) => percent(share, s()?.raised ?? 0, c.lang())
  return (
    <section class="statistics" data-list={answer.of()}>
      <div class="tools">
        <Spans chosen={span()} />
        <CentreChoice />
        <p class="quiet period"><Show when={s()} fallback="–">{(x) => w().between(end(x().from), end(x().to))}</Show></p>
      </div>
      <Health answer={answer} />
      <ul class="measures">
        <Gauge of="hour" s={s()} decimals={1} note={s() ? w().raised(c.count(s()?.raised), c.count(s()?.operators)) : '–'} />
        <Gauge of="ten" s={s()} decimals={2} note={w().average} />
        <Gauge of="peak" s={s()} decimals={0} note={s() ? (s()?.peak_at ? w().peakAt(c.at(s()?.peak_at)) : w().noPeak) : '–'} />
        <Gauge of="flood" s={s()} decimals={1} note={w().floodIs} />
        <Gauge of="standing" s={s()} decimals={0} note={w().standingIs} />
        <Gauge of="stale" s={s()} decimals={0} note={w().staleIs(c.count(s()?.standing))} />
      </ul>
      <p class="quiet">{w().guide}</p>
      <div class="parts">
        <section class="priorities" aria-labelledby="priorities">
          <h2 id="priorities">{w().priorities}</h2>
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">{c.words().columns.priority}</th>
                <th scope="col" class="right">{w().times}</th>
                <th scope="col" class="right">{w().share}</th>
                <th scope="col">{w().recommended}</th>
              </tr>
            </thead>
            <tbody>
              <For each={[1, 2, 3, 4]}>
                {(p) => {
                  const it = () => s()?.priorities.find((x) => x.priority === p)
                  const most = () => percent(recommended[p] ?? 0, 1, c.lang()).replace(/[,.]0 /, ' ')
                  return (
                    <tr>
                      <th scope="row">
                        <PriorityMark priority={p} /> {`${String(p)} – ${c.words().alarm.priority[p] ?? ''}`}
                      </th>
                      <td class="right">{c.count(it()?.raised)}</td>
                      <td class="right"><b>{percentOf(it()?.share ?? 0)}</b></td>
                      <td>
                        <span class="share">
                          <Bar share={s()?.raised ? (it()?.share ?? 0) : 0} mark={recommended[p]} />
                          <small>{p === 1 ? w().most(most()) : w().about(most())}</small>
                        </span>
                      </td>
                    </tr>
                  )
                }}
              </For>
            </tbody>
          </table>
        </section>
        <section aria-labelledby="worst">
          <h2 id="worst">
            {w().worst}
            <Show when={s()?.worst.length ? s() : undefined}>{(x) => <small>{w().together(percent(together(x()), x().raised, c.lang()))}</small>}</Show>
          </h2>
          <Show when={s()?.worst.length === 0}>
            <div class="calm">
              <Chip state="ok" label={c.words().alarm.calm} />
              <p>{w().calm}</p>
            </div>
          </Show>
          <Show when={s()?.worst.length ? s()?.worst : undefined}>{(worst) => <WorstTen worst={worst()} percentOf={percentOf} />}</Show>
        </section>
      </div>
    </section>
  )
}

/** How far back to look. */
function Spans(props: { chosen: Span }) {
  const c = useConsole()
  return (
    <div class="states" role="group" aria-label={c.words().statistics.span}>
      <For each={spans}>
        {(s) => (
          <button
            type="button"
            data-span={s}
            aria-pressed={props.chosen === s}
            onClick={() => {
              c.route.filter({ span: s === '24h' ? '' : s })
            }}
          >
            {c.words().statistics.spans[s]}
          </button>
        )}
      </For>
    </div>
  )
}

/** One measure against the bands of the guide: its number, the band as shape, colour and word, and where in them it lies. */
function Gauge(props: { of: Measure; s: AlarmStatistics | undefined; decimals: number; note: JSX.Element }) {
  const c = useConsole()
  const w = () => c.words().statistics
  const bounds = () => guide[props.of]
  const value = () => measure(props.s, props.of)
  const grade = () => judge(value(), bounds())
  // A single bound only tells what should be from what should not.
  const word = () => (bounds().length === 1 && grade() === 'minor' ? w().above : w().band[grade()])
  const shown = (v: number | null) => (props.of === 'flood' ? percent(v, 1, c.lang()) : told(v, props.decimals, c.lang()))
  const bound = (b: number) => (props.of === 'flood' ? `${c.count(b * 100)} %` : c.count(b))
  return (
    <li data-measure={props.of} data-grade={grade()}>
      <h2>{w().names[props.of]}</h2>
      <p class="figure">
        <b>{shown(value())}</b>
        <Chip state="" grade={grade()} label={word()} />
      </p>
      <div class="bands" aria-hidden="true">
        <For each={grades.slice(0, bounds().length + 1)}>{(g: Grade) => <i data-grade={g} classList={{ here: g === grade() }} />}</For>
        <Show when={value() !== null}>
          <s style={{ left: `${position(value() ?? 0, bounds()) * 100}%` }} />
        </Show>
        <For each={bounds()}>{(b, i) => <span style={{ left: `${((i() + 1) / (bounds().length + 1)) * 100}%` }}>{bound(b)}</span>}</For>
      </div>
      <p class="quiet">{props.note}</p>
    </li>
  )
}

/** A share as a bar; a mark where it should be. */
function Bar(props: { share: number; mark?: number | undefined }) {
  return (
    <span class="bar-of" aria-hidden="true">
      <i style={{ width: `${props.share * 100}%` }} />
      <Show when={props.mark !== undefined}>
        <s style={{ left: `${(props.mark ?? 0) * 100}%` }} />
      </Show>
    </span>
  )
}

/** The causes that raised the most; each leads to its alarms. */
function WorstTen(props: { worst: Worst[]; percentOf: (share: number) => string }) {
  const c = useConsole()
  const w = () => c.words().statistics
  const to = (x: Worst) => ({ cause: x.cause, centre: c.route.get('centre'), span: c.route.get('span') })
  const most = () => props.worst[0]?.share ?? 1
  const columns = (): Column<Worst>[] => [
    { name: 'title', head: c.words().columns.title, cell: (x) => x.title[c.lang()] || x.cause },
    { name: 'centre', head: c.words().columns.centre, cell: (x) => c.centre(x.centre) },
    { name: 'presented', head: w().presented, right: true, cell: (x) => c.count(x.raised - x.held) },
    { name: 'held', head: w().held, right: true, cell: (x) => c.count(x.held) },
    { name: 'share', head: w().share, right: true, cell: (x) => <span class="share"><Bar share={x.share / most()} /> {props.percentOf(x.share)}</span> },
  ]
  return (
    <Rows
      label={w().worst}
      rows={props.worst}
      columns={columns()}
      id={(x) => x.cause}
      opened=""
      link={(x) => c.route.linkTab('alarms', to(x))}
      open={(x) => {
        c.route.show('alarms', to(x))
      }}
    />
  )
}
