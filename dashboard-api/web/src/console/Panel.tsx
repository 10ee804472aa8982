import { createMemo, Match, Switch } from 'solid-js'

import { AlarmPanel } from './AlarmPanel'
import { useConsole } from './context'
import { KPIPanel } from './KPIPanel'
import { panels } from './route'
import { SourcePanel } from './SourcePanel'
import { TicketPanel } from './TicketPanel'

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
