import { createEffect, createSignal, on, onCleanup } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'

import { ask } from '../ask'
import type { Lang } from '../format'

/** Something that is asked for again and again while it is shown. */
export interface Answer<T> {
  data: () => T | undefined
  error: () => Error | undefined
  /** When the data came, in ms of this machine's clock; 0: never. */
  at: () => number
  /** The address that the data are of: not the wanted one while it is on its way. */
  of: () => string
  again: () => void
}

/**
 * Keeps an answer up to date. Rows that are known by a key stay the same objects, so that what has the focus keeps it.
 * An answer that comes too late, after another was asked for, is dropped.
 */
export function createAnswer<T extends object>(path: () => string | null, lang: () => Lang, every: number, key: string): Answer<T> {
  const [store, set] = createStore<{ data: T | undefined }>({ data: undefined })
  const [error, setError] = createSignal<Error>()
  const [at, setAt] = createSignal(0)
  const [of, setOf] = createSignal('')
  let running: AbortController | undefined
  async function load(): Promise<void> {
    const wanted = path()
    running?.abort()
    if (wanted === null) return
    const own = (running = new AbortController())
    try {
      const data = await ask<T>(wanted, { lang: lang(), signal: own.signal })
      if (own.signal.aborted) return
      set('data', reconcile(data, { key }) as never)
      setOf(wanted)
      setAt(Date.now())
      setError(undefined)
    } catch (e) {
      if (!own.signal.aborted) setError(e instanceof Error ? e : new Error(String(e)))
    } finally {
      if (running === own) running = undefined
    }
  }
  createEffect(
    on([path, lang], () => {
      setError(undefined)
      void load()
    }),
  )
  const timer = setInterval(() => {
    if (!document.hidden && !running) void load()
  }, every)
  onCleanup(() => {
    clearInterval(timer)
    running?.abort()
  })
  return { data: () => store.data, error, at, of, again: () => void load() }
}

/** An address with those of its parameters that are set. */
export function address(path: string, params: Record<string, string | number | boolean | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '' && value !== false) query.set(name, String(value))
  }
  const text = query.toString()
  return text ? `${path}?${text}` : path
}
