import { Show } from 'solid-js'

import { deviceStates } from '../grid'
import type { FeedState } from '../wire'
import { address, createAnswer } from './api'
import { shortName, useConsole } from './context'
import { CentreChoice, Choice, type Column, Health, Nothing, Pager, Rows, StateFilter, TextFilter } from './List'
import { Chip, grade } from './marks'
import { span, topic } from './text'
import type { Device, DeviceList, FeedHealth, FeedSource, FeedSourceList, Ticket, TicketList } from './wire'

/** How often a list that is looked at is read anew, in ms. */
const every = 5000


/** A page of sources, each of which opens beside the list. */
function Sources<T extends { source: string; state: string }>(props: {
  label: string
  columns: Column<T>[]
  /** Undefined until they came. */
  rows: T[] | undefined
  total: number | undefined
  next: string | undefined
}) {
  const c = useConsole()
  return (
    <>
      <Rows
        label={props.label}
        rows={props.rows ?? []}
        columns={props.columns}
        id={(s) => s.source}
        grade={(s) => grade(s.state)}
        opened={c.route.get('source')}
        link={(s) => c.route.link({ source: s.source })}
        open={(s) => {
          c.route.open({ source: s.source })
        }}
      />
      <Nothing when={props.rows?.length === 0} />
      <Show when={props.rows}>{(rows) => <Pager shown={rows().length} total={props.total ?? rows().length} next={props.next ?? ''} />}</Show>
    </>
  )
}

/** Cameras, or sensors. */
export function Devices(props: { type: 'cameras' | 'sensors' }) {
  const c = useConsole()
  const path = () =>
    address(`/api/v1/${props.type}`, { centre: c.route.get('centre'), state: c.route.get('state'), text: c.route.get('text'), after: c.route.get('after') })
  const answer = createAnswer<DeviceList>(path, c.lang, every, 'source')
  const head = () => c.words().columns
  const columns = (): Column<Device>[] => [
    { name: 'name', head: head().name, cell: (d) => shortName(d.source) },
    { name: 'state', head: head().state, cell: (d) => <Chip state={d.state} label={c.words().device[d.state]} /> },
    { name: 'centre', head: head().centre, cell: (d) => c.centre(d.centre) },
    { name: 'heard', head: head().heard, cell: (d) => <time title={c.at(d.newest_event)}>{c.ago(d.newest_event)}</time> },
    ...(props.type === 'cameras'
      ? [
          { name: 'fps', head: head().fps, right: true, wide: true, cell: (d: Device) => c.count(d.fps, 1) },
          { name: 'bitrate', head: head().bitrate, right: true, wide: true, cell: (d: Device) => (d.bitrate_kbps === null ? '–' : `${c.count(d.bitrate_kbps)} kbps`) },
          { name: 'speed', head: head().speed, right: true, wide: true, cell: (d: Device) => (d.speed_kmh === null ? '–' : `${c.count(d.speed_kmh, 1)} km/h`) },
        ]
      : [
          { name: 'battery', head: head().battery, right: true, wide: true, cell: (d: Device) => (d.battery === null ? '–' : `${c.count(d.battery)} %`) },
          { name: 'rssi', head: head().rssi, right: true, wide: true, cell: (d: Device) => (d.rssi === null ? '–' : `${c.count(d.rssi)} dBm`) },
        ]),
  ]
  return (
    <section data-list={answer.of()}>
      <div class="tools">
        <StateFilter
          name="state"
          label={head().state}
          states={deviceStates.map((s) => ({ state: s, label: c.words().device[s], count: answer.data()?.counts[s] }))}
        />
        <CentreChoice />
        <TextFilter label={c.words().filter} />
      </div>
      <Health answer={answer} />
      <Sources label={c.words().tabs[props.type]} columns={columns()} rows={answer.data()?.devices} total={answer.data()?.total} next={answer.data()?.next} />
    </section>
  )
}

const ticketStates = ['received', 'forwarded', 'reopened', 'resolved'] as const

export function Tickets() {
  const c = useConsole()
  const overdue = () => c.route.get('state') === 'overdue'
  const path = () =>
    address('/api/v1/tickets', {
      centre: c.route.get('centre'), kind: c.route.get('kind'), status: overdue() ? '' : c.route.get('state'), overdue: overdue(),
      sort: c.route.get('sort') || (overdue() ? 'due' : ''), after: c.route.get('after'),
    })
  const answer = createAnswer<TicketList>(path, c.lang, every, 'id')
  const head = () => c.words().columns
  const due = (t: Ticket) => {
    if (t.status === 'resolved') return c.at(t.due_at)
    if (!t.due_at) return c.words().noDue
    const ms = Date.parse(t.due_at) - c.model.now().getTime()
    return ms < 0 ? c.words().overdueBy(span(-ms, c.words())) : c.words().dueIn(span(ms, c.words()))
  }
  const columns = (): Column<Ticket>[] => [
    { name: 'id', head: head().id, cell: (t) => t.id },
    { name: 'state', head: head().state, cell: (t) => <Chip state={t.overdue ? 'overdue' : t.status} label={t.overdue ? `${c.words().overdue} · ${c.words().ticket[t.status]}` : c.words().ticket[t.status]} /> },
    { name: 'due', head: head().due, cell: (t) => <time title={c.at(t.due_at)}>{due(t)}</time> },
    { name: 'kind', head: head().kind, cell: (t) => c.words().kinds[t.kind] ?? t.kind },
    { name: 'topic', head: head().topic, cell: (t) => topic(t.topic, c.lang()) || '–' },
    { name: 'centre', head: head().centre, cell: (t) => c.centre(t.centre) },
    { name: 'agency', head: head().agency, wide: true, cell: (t) => t.agency_name?.[c.lang()] ?? (t.agency || '–') },
    { name: 'channel', head: head().channel, wide: true, cell: (t) => c.words().channels[t.channel] ?? t.channel },
    { name: 'received', head: head().received, wide: true, cell: (t) => <time title={c.at(t.received_at)}>{c.ago(t.received_at)}</time> },
  ]
  return (
    <section data-list={answer.of()}>
      <div class="tools">
        <StateFilter
          name="state"
          label={head().state}
          states={[
            { state: 'overdue', label: c.words().overdue, count: answer.data()?.counts.overdue },
            ...ticketStates.map((s) => ({ state: s, label: c.words().ticket[s], count: answer.data()?.counts[s] })),
          ]}
        />
        <CentreChoice />
        <Choice name="kind" label={head().kind} none={`${head().kind}: ${c.words().all.toLowerCase()}`} of={Object.entries(c.words().kinds)} />
        <Choice name="sort" label={c.words().sort} none={overdue() ? c.words().byDue : c.words().byReceived} of={[overdue() ? ['received', c.words().byReceived] : ['due', c.words().byDue]]} />
      </div>
      <Health answer={answer} />
      <Rows
        label={c.words().tabs.tickets}
        rows={answer.data()?.tickets ?? []}
        columns={columns()}
        id={(t) => t.id}
        grade={(t) => grade(t.overdue ? 'overdue' : t.status)}
        opened={c.route.get('ticket')}
        link={(t) => c.route.link({ ticket: t.id })}
        open={(t) => {
          c.route.open({ ticket: t.id })
        }}
      />
      <Nothing when={answer.data()?.tickets.length === 0} />
      <Show when={answer.data()}>{(list) => <Pager shown={list().tickets.length} next={list().next} />}</Show>
    </section>
  )
}

const feedStates: FeedState[] = ['silent', 'late', 'alive']

/** All feeds; with a centre and a domain in the address the sources of that one. */
export function Feeds() {
  const c = useConsole()
  return (
    <Show when={c.route.get('domain') && c.route.get('centre')} fallback={<AllFeeds />}>
      <OneFeed />
    </Show>
  )
}

function AllFeeds() {
  const c = useConsole()
  const answer = createAnswer<{ feeds: FeedHealth[] }>(() => '/api/v1/feeds', c.lang, every, 'id')
  const head = () => c.words().columns
  const percent = (share: number | null) => (share === null ? '–' : `${c.count(share * 100)} %`)
  // What the live channel says of a feed is newer than the list.
  const state = (f: FeedHealth) => c.model.board.feeds.find((x) => x.centre === f.centre && x.domain === f.domain)?.state ?? f.state
  const all = () => answer.data()?.feeds ?? []
  const shown = () =>
    all().filter((f) => (!c.route.get('state') || state(f) === c.route.get('state')) && (!c.route.get('centre') || f.centre === c.route.get('centre')))
  const columns = (): Column<FeedHealth>[] => [
    { name: 'feed', head: head().feed, cell: (f) => `${c.words().domain[f.domain] ?? f.domain} · ${c.centre(f.centre)}` },
    { name: 'state', head: head().state, cell: (f) => <Chip state={state(f)} label={c.words().feed[state(f)]} /> },
    { name: 'arrival', head: head().arrival, cell: (f) => <time title={c.at(f.newest_arrival)}>{c.ago(f.newest_arrival)}</time> },
    { name: 'sources', head: head().sources, right: true, cell: (f) => `${c.count(f.sources - f.silent_sources)} / ${c.count(f.sources)}` },
    { name: 'hour', head: head().hour, right: true, wide: true, cell: (f) => c.count(f.hour.events) },
    { name: 'rate', head: head().rate, right: true, wide: true, cell: (f) => percent(f.rate) },
    { name: 'delay', head: head().delay, right: true, wide: true, cell: (f) => `${c.count(f.hour.delay_p50_seconds, 1)} / ${c.count(f.hour.delay_p99_seconds, 1)} s` },
    { name: 'refused', head: head().refused, right: true, cell: (f) => c.count(f.rejected_hour) },
    { name: 'gaps', head: head().gaps, right: true, wide: true, cell: (f) => c.count(f.gaps.count) },
  ]
  return (
    <section data-list={answer.of()}>
      <div class="tools">
        <StateFilter
          name="state"
          label={head().state}
          states={feedStates.map((s) => ({ state: s, label: c.words().feed[s], count: answer.data() && all().filter((f) => state(f) === s).length }))}
        />
        <CentreChoice />
      </div>
      <Health answer={answer} />
      <Rows
        label={c.words().tabs.feeds}
        rows={shown()}
        columns={columns()}
        id={(f) => `${f.centre}/${f.domain}`}
        grade={(f) => grade(state(f))}
        opened=""
        link={(f) => c.route.linkTab('feeds', { centre: f.centre, domain: f.domain })}
        open={(f) => {
          c.route.show('feeds', { centre: f.centre, domain: f.domain })
        }}
      />
      <Nothing when={answer.at() > 0 && shown().length === 0} />
    </section>
  )
}

function OneFeed() {
  const c = useConsole()
  const path = () =>
    address(`/api/v1/feeds/${encodeURIComponent(c.route.get('centre'))}/${encodeURIComponent(c.route.get('domain'))}/sources`, {
      state: c.route.get('state'), after: c.route.get('after'),
    })
  const answer = createAnswer<FeedSourceList>(path, c.lang, every, 'source')
  const head = () => c.words().columns
  const columns = (): Column<FeedSource>[] => [
    { name: 'name', head: head().name, cell: (f) => shortName(f.source) },
    { name: 'state', head: head().state, cell: (f) => <Chip state={f.state} label={c.words().feed[f.state]} /> },
    { name: 'arrival', head: head().arrival, cell: (f) => <time title={c.at(f.newest_arrival)}>{c.ago(f.newest_arrival)}</time> },
    { name: 'event', head: head().event, wide: true, cell: (f) => c.at(f.newest_event) },
    { name: 'hour', head: head().hour, right: true, cell: (f) => c.count(f.hour.events) },
    { name: 'delay', head: head().delay, right: true, wide: true, cell: (f) => `${c.count(f.hour.delay_p50_seconds, 1)} / ${c.count(f.hour.delay_p99_seconds, 1)} s` },
    { name: 'gaps', head: head().gaps, right: true, wide: true, cell: (f) => c.count(f.gaps.count) },
  ]
  return (
    <section data-list={answer.of()}>
      <div class="tools">
        <nav class="crumbs" aria-label={c.words().tabs.feeds}>
          <a
            href={c.route.linkTab('feeds')}
            onClick={(e) => {
              e.preventDefault()
              c.route.show('feeds')
            }}
          >
            {c.words().tabs.feeds}
          </a>
          <span aria-hidden="true">›</span>
          <h2>{`${c.words().domain[c.route.get('domain')] ?? c.route.get('domain')} · ${c.centre(c.route.get('centre'))}`}</h2>
        </nav>
        <Choice name="state" label={head().state} none={`${head().state}: ${c.words().all.toLowerCase()}`} of={feedStates.map((s) => [s, c.words().feed[s]])} />
      </div>
      <Health answer={answer} />
      <Sources label={c.words().tabs.feeds} columns={columns()} rows={answer.data()?.sources} total={answer.data()?.total} next={answer.data()?.next} />
    </section>
  )
}
