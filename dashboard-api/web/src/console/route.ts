import { createSignal } from 'solid-js'

export const tabs = ['alarms', 'feeds', 'cameras', 'sensors', 'tickets', 'search', 'map', 'statistics'] as const
export type Tab = (typeof tabs)[number]

/** What is on the screen, as the address says it: whoever is sent the address sees the same. */
export interface Place {
  tab: Tab
  /** Filters, and what is open: source, kpi, alarm or ticket. */
  with: Partial<Record<Name, string>>
}

/** Names that may stand in the address. Anything else in it is left out. */
export const names = [
  'centre', 'state', 'text', 'kind', 'sort', 'priority', 'domain', 'heat', 'cause', 'span', 'after', 'source', 'kpi', 'of', 'part', 'alarm', 'ticket',
] as const
export type Name = (typeof names)[number]

/** Those that name what is open beside the list. Only one is at a time. */
export const panels = ['source', 'kpi', 'alarm', 'ticket'] as const
/** What belongs to an open panel and goes with it. */
const ofPanels: readonly Name[] = [...panels, 'of', 'part']

export function parse(search: string): Place {
  const query = new URLSearchParams(search)
  const place: Place = { tab: tabs.find((t) => t === query.get('tab')) ?? 'alarms', with: {} }
  for (const name of names) {
    const value = query.get(name)
    if (value) place.with[name] = value.slice(0, 300)
  }
  return place
}

export function format(place: Place): string {
  const query = new URLSearchParams({ tab: place.tab })
  for (const name of names) {
    const value = place.with[name]
    if (value) query.set(name, value)
  }
  return `?${query.toString()}`
}

/** The place after a change of filters. A filter that changes goes back to the first page. */
export function filtered(place: Place, changes: Place['with']): Place {
  const all = Object.entries({ ...place.with, after: '', ...changes })
  return { tab: place.tab, with: Object.fromEntries(all.filter(([, value]) => value !== '')) }
}

/** The place with something open beside the list, or with nothing. */
export function opened(place: Place, panel: Place['with']): Place {
  const kept = Object.fromEntries(Object.entries(place.with).filter(([name]) => !ofPanels.includes(name as Name)))
  return { tab: place.tab, with: { ...kept, ...panel } }
}

export function createRoute() {
  const [place, set] = createSignal(parse(location.search))
  addEventListener('popstate', () => set(parse(location.search)))
  const go = (next: Place, replace = false) => {
    const url = location.pathname + format(next)
    if (url === location.pathname + location.search) return
    if (replace) history.replaceState(null, '', url)
    else history.pushState(null, '', url)
    set(next)
  }
  return {
    place,
    tab: () => place().tab,
    get: (name: Name) => place().with[name] ?? '',
    /** Typing in a field makes no history of its own; a click does. */
    filter: (changes: Place['with'], replace = false) => {
      go(filtered(place(), changes), replace)
    },
    open: (panel: Place['with']) => {
      go(opened(place(), panel))
    },
    close: () => {
      go(opened(place(), {}))
    },
    show: (tab: Tab, filters: Place['with'] = {}) => {
      go({ tab, with: filters })
    },
    link: (panel: Place['with']) => location.pathname + format(opened(place(), panel)),
    linkTab: (tab: Tab, filters: Place['with'] = {}) => location.pathname + format({ tab, with: filters }),
  }
}

export type Route = ReturnType<typeof createRoute>
