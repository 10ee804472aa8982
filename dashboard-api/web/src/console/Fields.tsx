import { For } from 'solid-js'

import { useConsole } from './context'
import { topic } from './text'

/** What is told of an event, its status first, as people write it. */
export function Fields(props: { fields: Record<string, string>; most?: number }) {
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

export function statusWord(status: string, w: ReturnType<ReturnType<typeof useConsole>['words']>): string {
  return (w.device as Record<string, string>)[status] ?? (w.ticket as Record<string, string>)[status] ?? w.dossier[status] ?? status
}
