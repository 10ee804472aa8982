import { createSignal } from 'solid-js'

import { ask } from '../ask'
import type { Lang } from '../format'
import type { Session } from './wire'

const path = '/api/v1/session'
const kept = 'console.duty'
/** As long as the server keeps a session, in ms. Who works here tomorrow says so tomorrow. */
const shift = 12 * 60 * 60_000

/** The name that was said in this browser within a shift; empty: none. */
export function remembered(now: number, store: Pick<Storage, 'getItem'> = localStorage): string {
  const [, until = '', name = ''] = /^(\d+) (.+)$/.exec(store.getItem(kept) ?? '') ?? []
  // A time beyond a shift comes from a clock that was set wrong.
  return Number(until) > now && Number(until) <= now + shift ? name : ''
}

export function remember(name: string, now: number, store: Pick<Storage, 'setItem'> = localStorage): void {
  store.setItem(kept, name ? `${now + shift} ${name}` : '')
}

/** Who is on duty here: the name under which the server records what is done. */
export function createDuty(lang: () => Lang) {
  const [name, set] = createSignal('')
  const [asking, setAsking] = createSignal(false)
  let turn = 0

  const tell = (name: string) =>
    ask<Session>(path, { lang: lang(), method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name }) })

  /** Asks the server, whose sessions end with it: one that needs no token is told the name again. What was said meanwhile counts. */
  async function check(): Promise<void> {
    const own = ++turn
    let session = await ask<Session>(path, { lang: lang() })
    const before = remembered(Date.now())
    if (own === turn && !session.name && !session.token_needed && before) session = await tell(before)
    if (own === turn) set(session.name)
  }

  /** Says who is on duty from now on; an empty name: nobody. */
  async function say(text: string): Promise<void> {
    const own = ++turn
    const session = await tell(text)
    remember(session.name, Date.now())
    if (own === turn) set(session.name)
  }

  /** Checks in the background. */
  function look(): void {
    check().catch((e: unknown) => {
      console.warn('the server does not say who is on duty', e)
    })
  }

  /** Keeps the name true: the session ends by itself, and another tab of this browser may change it. */
  function watch(): void {
    setInterval(look, 60_000)
    addEventListener('storage', (e) => {
      if (e.key === kept) look()
    })
  }

  return { name, asking, setAsking, check, look, say, watch }
}

export type Duty = ReturnType<typeof createDuty>
