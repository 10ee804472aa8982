import { Show } from 'solid-js'

import { address, createAnswer } from './api'
import { useConsole } from './context'
import { statusWord } from './Fields'
import { Health } from './List'
import { Chip } from './marks'
import { Sheet } from './Sheet'
import { topic } from './text'
import type { Found, TicketList } from './wire'

/** All that is told of a dossier or a ticket. Persons are not among it. */
export function TicketPanel() {
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
