import type { Accessor } from 'solid-js'
import { batch, createEffect, createSignal, on } from 'solid-js'

import type { Fault } from '../ask'
import { Problem } from '../ask'
import type { Lang } from '../format'
import type { Board } from '../store'
import type { KPI, Widget } from '../wire'
import type { Version, Versions } from './api'
import * as api from './api'
import type { Draft, Steps } from './model'
import { begin, idOf, redo, step, undo } from './model'
import { text } from './text'

/** What is not saved lives as long as the tab does: a page whose scenes somebody else has changed begins anew. */
const kept = (id: string) => `edit.${id}`

interface Kept {
  base: number
  now: Draft
}

/** One scene on the desk: how it stands, what can be done with it, and what the server says to it. */
export function createDesk(board: Board, lang: Accessor<Lang>, kpis: KPI[]) {
  const [steps, setSteps] = createSignal<Steps | null>(null)
  const [base, setBase] = createSignal(0)
  const [dirty, setDirty] = createSignal(false)
  const [chosen, setChosen] = createSignal<number | null>(null)
  const [faults, setFaults] = createSignal<Fault[]>([])
  const [said, setSaid] = createSignal('')
  const [wrong, setWrong] = createSignal('')
  const [conflict, setConflict] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const [versions, setVersions] = createSignal<Versions | null>(null)
  const words = () => text[lang()]
  const scene = () => steps()?.now ?? null

  createEffect(on([steps, dirty], ([s, changed]) => {
    if (!s) return
    if (changed) sessionStorage.setItem(kept(s.now.id), JSON.stringify({ base: base(), now: s.now } satisfies Kept))
    else sessionStorage.removeItem(kept(s.now.id))
  }))

  function put(next: Draft, n: number, changed: boolean): void {
    batch(() => {
      setSteps(begin(next))
      setBase(n)
      setDirty(changed)
      setChosen(null)
      calm()
    })
  }

  function calm(): void {
    setFaults([])
    setWrong('')
    setSaid('')
    setConflict(false)
  }

  /** Does something with the server, one thing at a time, and says how it went. */
  async function work(what: () => Promise<void>): Promise<void> {
    if (busy()) return
    setBusy(true)
    calm()
    try {
      await what()
    } catch (e) {
      batch(() => {
        setWrong(e instanceof Error ? e.message : String(e))
        setConflict(e instanceof Problem && e.status === 409)
        setFaults(e instanceof Problem ? e.faults : [])
      })
    } finally {
      setBusy(false)
    }
  }

  async function load(id: string, anew: boolean): Promise<void> {
    const list = await api.versions(lang(), id)
    setVersions(list)
    const before = anew ? null : (JSON.parse(sessionStorage.getItem(kept(id)) ?? 'null') as Kept | null)
    if (before) {
      put(before.now, before.base, true)
      return
    }
    const newest = list.versions[0]
    const inForce = await api.version(lang(), id, newest && !newest.removed ? newest.version : 0).catch((e: unknown) => {
      // One that was removed and that no file has: it is what it was last.
      if (e instanceof Problem && e.status === 404 && !list.shipped) return null
      throw e
    })
    if (inForce?.scene) put(inForce.scene, list.version, false)
    else setSteps(null)
  }

  /** After the server has taken something: all that it may have changed is read again. */
  async function taken(v: Version): Promise<void> {
    sessionStorage.removeItem(kept(v.id))
    await Promise.all([board.load(), load(v.id, true)])
    setSaid(words().saved(v.version))
  }

  return {
    kpis, scene, base, dirty, chosen, setChosen, faults, said, wrong, conflict, busy, versions,
    past: () => steps()?.past.length ?? 0,
    future: () => steps()?.future.length ?? 0,
    open: (id: string) => work(() => load(id, false)),
    reload: () => work(async () => {
      const s = scene()
      if (s) await load(s.id, true)
    }),
    begin(id: string): void {
      setVersions(null)
      put({ id, name: { vi: id, en: id }, columns: 12, rows: 12, widgets: [] }, 0, true)
    },
    change(next: Draft): void {
      batch(() => {
        setSteps((s) => (s ? step(s, next) : s))
        setDirty(true)
        calm()
      })
    },
    widget(i: number, next: Widget): void {
      const s = scene()
      if (s) this.change({ ...s, widgets: s.widgets.map((w, j) => (i === j ? next : w)) })
    },
    drop(i: number): void {
      const s = scene()
      if (!s) return
      setChosen(null)
      this.change({ ...s, widgets: s.widgets.filter((_, j) => i !== j) })
    },
    back(): void {
      setSteps((s) => (s ? undo(s) : s))
    },
    forth(): void {
      setSteps((s) => (s ? redo(s) : s))
    },
    save: (why: string) => work(async () => {
      const s = scene()
      if (!why.trim()) throw new Error(words().whyMissing)
      if (s) await taken(await api.save(lang(), s, base(), why))
    }),
    restore: (n: number, why: string) => work(async () => {
      const s = versions()
      if (s) await taken(await api.restore(lang(), s.id, n, s.version, why.trim() || words().restored(n)))
    }),
    remove: (why: string) => work(async () => {
      const s = versions()
      if (s) await taken(await api.remove(lang(), s.id, s.version, why.trim() || (s.shipped ? words().back : words().gone)))
    }),
    take: (name: string, file: string) => work(async () => {
      const id = idOf(file)
      if (!id) throw new Error(words().noID)
      const n = await api.versions(lang(), id).then((l) => l.version, (e: unknown) => {
        if (e instanceof Problem && e.status === 404) return 0
        throw e
      })
      await taken(await api.importFile(lang(), id, file, n, words().imported(name)))
    }),
  }
}

export type Desk = ReturnType<typeof createDesk>
