import { createMemo, Show } from 'solid-js'

import { admitted, sorted } from './alarms'
import { address, createAnswer } from './api'
import { useConsole } from './context'
import { CentreChoice, Choice, type Column, Health, Nothing, Pager, Rows, StateFilter } from './List'
import { Chip, type Grade, Mark } from './marks'
import type { Alarm, AlarmList, AlarmState } from './wire'

const open: AlarmState[] = ['raised', 'acknowledged', 'cleared', 'shelved']

/** A priority as a grade: colour only for what is new, because what somebody works on must not shout. */
export const alarmGrade = (a: Alarm): Grade => (a.state !== 'raised' ? (a.state === 'acknowledged' ? 'minor' : a.state === 'cleared' ? 'ok' : 'none') : a.priority <= 2 ? 'grave' : 'major')

/** All alarms that are not closed, live; with the state closed in the address those that are, and with a cause all that it ever raised. */
export function Alarms() {
  const c = useConsole()
  const w = () => c.words().alarm
  const closed = () => c.route.get('state') === 'closed'
  const cause = () => c.route.get('cause')
  // What the live channel does not hold is asked for.
  const asked = () => closed() || cause() !== ''
  const path = () =>
    asked()
      ? address('/api/v1/alarms', {
          state: c.route.get('state') || [...open, 'closed'].join(','), priority: c.route.get('priority'), centre: c.route.get('centre'), kind: c.route.get('kind'), cause: cause(),
          after: c.route.get('after'), limit: 100,
        })
      : '/api/v1/alarms?limit=1'
  const answer = createAnswer<AlarmList>(path, c.lang, 5000, 'id')
  const all = createMemo(() => Object.values(c.model.board.alarms))
  const filter = (state: string) => ({ state, priority: c.route.get('priority'), centre: c.route.get('centre'), kind: c.route.get('kind'), cause: cause() })
  // What an answer tells of an alarm that stands may be some seconds old.
  const found = () => (answer.of() === path() ? (answer.data()?.items ?? []).map((a) => c.model.board.alarms[a.id] ?? a) : [])
  const rows = createMemo(() => (asked() ? found() : sorted(admitted(all(), filter(c.route.get('state'))))))
  const unfiltered = () => !c.route.get('state') && !c.route.get('priority') && !c.route.get('centre') && !c.route.get('kind') && !cause()
  const back = () => ({ centre: c.route.get('centre'), span: c.route.get('span') })
  const flood = () => answer.data()?.flood
  const head = () => c.words().columns
  const columns = (): Column<Alarm>[] => [
    {
      name: 'title', head: head().title,
      cell: (a) => (
        <>
          {a.title[c.lang()]}
          <Show when={a.members > 1}>
            {' '}
            <small>{w().members(c.count(a.members))}</small>
          </Show>
        </>
      ),
    },
    {
      name: 'priority', head: head().priority,
      cell: (a) => (
        <span class="chip" data-grade={alarmGrade(a)}>
          <Mark grade={alarmGrade(a)} />
          {`${String(a.priority)} ${w().priority[a.priority] ?? ''}`}
        </span>
      ),
    },
    { name: 'state', head: head().state, cell: (a) => (a.state === 'shelved' && a.shelved_until ? w().shelvedUntil(c.at(a.shelved_until)) : w().state[a.state]) },
    { name: 'centre', head: head().centre, cell: (a) => c.centre(a.centre) },
    { name: 'value', head: head().value, right: true, wide: true, cell: (a) => (a.value == null ? '–' : `${c.count(a.value, Number.isInteger(a.value) ? 0 : 1)} ${a.unit ?? ''}`) },
    { name: 'raised', head: head().raised, cell: (a) => <time title={c.at(a.raised_at)}>{c.ago(a.raised_at)}</time> },
    { name: 'assigned', head: head().assigned, wide: true, cell: (a) => a.assigned_to ?? '–' },
  ]
  return (
    <section data-list={answer.of()}>
      <Show when={flood()?.active ? flood() : undefined}>
        {(f) => (
          <p class="banner flood" role="alert">
            {w().flood(c.count(f().held), c.at(f().since))}
          </p>
        )}
      </Show>
      <Show when={cause()}>
        <nav class="crumbs" aria-label={c.words().tabs.statistics}>
          <a
            href={c.route.linkTab('statistics', back())}
            onClick={(e) => {
              e.preventDefault()
              c.route.show('statistics', back())
            }}
          >
            {c.words().tabs.statistics}
          </a>
          <span aria-hidden="true">›</span>
          <h2>{w().sameCause(rows()[0]?.title[c.lang()] ?? cause())}</h2>
        </nav>
      </Show>
      <div class="tools">
        <StateFilter
          name="state"
          label={head().state}
          states={[
            ...open.map((s) => ({ state: s, label: w().state[s], count: admitted(all(), filter(s)).length })),
            { state: 'closed', label: w().state.closed, count: undefined },
          ]}
        />
        <Choice name="priority" label={head().priority} none={`${head().priority}: ${c.words().all.toLowerCase()}`} of={[1, 2, 3, 4].map((n) => [String(n), `${String(n)} – ${w().priority[n] ?? ''}`])} />
        <CentreChoice />
        <Choice name="kind" label={head().kind} none={`${head().kind}: ${c.words().all.toLowerCase()}`} of={Object.entries(w().kinds)} />
      </div>
      <Show when={asked() || answer.error()}>
        <Health answer={answer} />
      </Show>
      <Show when={!asked() && c.model.connected() === null}>
        <p class="quiet" role="status">
          {c.words().loading}
        </p>
      </Show>
      <Show
        when={rows().length > 0}
        fallback={
          <Show when={unfiltered() && c.model.connected()} fallback={<Nothing when={!unfiltered() && answer.at() > 0} />}>
            <div class="calm">
              <Chip state="ok" label={w().calm} />
              <p>{w().none}</p>
            </div>
          </Show>
        }
      >
        <Rows
          label={c.words().tabs.alarms}
          rows={rows()}
          columns={columns()}
          id={(a) => a.id}
          grade={alarmGrade}
          opened={c.route.get('alarm')}
          link={(a) => c.route.link({ alarm: a.id })}
          open={(a) => {
            c.route.open({ alarm: a.id })
          }}
        />
      </Show>
      <Show when={asked()}>
        <Pager shown={rows().length} next={answer.data()?.next ?? ''} />
      </Show>
    </section>
  )
}
