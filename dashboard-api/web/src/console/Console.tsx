import { createEffect, createMemo, createSignal, For, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js'

import { time } from '../format'
import { admitted } from './alarms'
import { Alarms } from './Alarms'
import { useConsole } from './context'
import { Duty } from './Duty'
import { command } from './keys'
import { Devices, Feeds, Tickets } from './Lists'
import { MapTab } from './MapTab'
import { Panel } from './Panel'
import { type Tab, tabs } from './route'
import { Search } from './Search'
import { audible, mute, mutedUntil, muteFor, unlock } from './sound'
import { Statistics } from './Statistics'

interface Props {
  theme: () => 'light' | 'dark'
  setTheme: (t: 'light' | 'dark') => void
  setLang: (l: 'vi' | 'en') => void
}

const quickMute = 15

/** The frame of all: tabs, the state of the line, what is open, and the keys. */
export function Console(props: Props) {
  const c = useConsole()
  const w = () => c.words()
  const [help, setHelp] = createSignal(false)
  const [sounds, setSounds] = createSignal(audible())
  const [version, touch] = createSignal(0)
  // Asked each second, and when a person has changed it: a mute ends by itself.
  const muted = createMemo(() => version() + c.model.now().getTime() > 0 ? mutedUntil(Date.now()) : 0)
  const silence = (minutes: number) => {
    mute(minutes ? Date.now() + minutes * 60_000 : 0)
    touch(version() + 1)
  }
  const raised = createMemo(() => admitted(Object.values(c.model.board.alarms), { state: 'raised', priority: '', centre: '', kind: '' }))
  const silent = () => c.model.board.feeds.filter((f) => f.state === 'silent').length
  let main: HTMLElement | undefined
  let strip: HTMLElement | undefined

  /** On a phone the tabs are a strip of which only a part is seen. */
  function showTab(): void {
    strip?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }
  createEffect(on(c.route.tab, () => requestAnimationFrame(showTab)))
  onMount(() => {
    // Badges, the language and the font change how wide the tabs are.
    const widths = new ResizeObserver(showTab)
    for (const tab of strip?.children ?? []) widths.observe(tab)
    onCleanup(() => {
      widths.disconnect()
    })
  })

  /** Moves the focus through what can be opened, from where it is or from the top. */
  function move(by: number): void {
    const rows = [...(main?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
    if (rows.length === 0) return
    const at = rows.findIndex((r) => r === document.activeElement)
    const opened = rows.findIndex((r) => r.closest('tr')?.classList.contains('opened'))
    const next = at >= 0 ? at + by : opened >= 0 ? opened + by : by > 0 ? 0 : rows.length - 1
    const row = rows[Math.min(rows.length - 1, Math.max(0, next))]
    row?.focus()
    row?.closest('tr, li')?.scrollIntoView({ block: 'nearest' })
  }

  function press(e: KeyboardEvent): void {
    if (document.querySelector('dialog[open]')) return // it has the keys to itself
    const target = e.target instanceof HTMLElement ? e.target : document.body
    const typing = target.matches('input, textarea, select, [contenteditable]')
    const found = command(e, typing)
    if (!found || (target.closest('.map-view') && e.key.startsWith('Arrow'))) return
    switch (found.do) {
      case 'move':
        move(found.by)
        break
      case 'open':
        if (target.matches('[data-row]')) target.click()
        break
      case 'close':
        if (typing) target.blur()
        else c.route.close()
        break
      case 'search': {
        const field = document.querySelector<HTMLElement>('[data-search]')
        if (!field) c.route.show('search')
        queueMicrotask(() => document.querySelector<HTMLElement>('[data-search]')?.focus())
        break
      }
      case 'help':
        setHelp(true)
        break
      case 'mute':
        silence(muted() ? 0 : quickMute)
        break
      case 'duty':
        c.duty.setAsking(true)
        break
      case 'tab':
        c.route.show(found.tab)
        break
      default: {
        const name = found.do === 'end' ? 'close' : found.do
        document.querySelector<HTMLElement>(`.actions [data-action="${name}"]`)?.click()
      }
    }
    e.preventDefault()
  }
  onMount(() => {
    const wake = () => {
      void unlock().then(setSounds)
    }
    addEventListener('keydown', press)
    addEventListener('pointerdown', wake, { once: true })
    addEventListener('keydown', wake, { once: true })
    onCleanup(() => {
      removeEventListener('keydown', press)
    })
  })

  const line = () => {
    const up = c.model.connected()
    if (up === null) return w().connecting
    return up ? w().live : w().lost(time(new Date(c.model.newest()), c.lang()))
  }
  // Months are those of Binh Phuoc.
  const badge = (tab: Tab) => (tab === 'alarms' ? raised().length : tab === 'feeds' ? silent() : 0)
  const panel = () => ['source', 'kpi', 'alarm', 'ticket'].some((p) => c.route.get(p as 'kpi') !== '')
  return (
    <div class="console" classList={{ lost: c.model.connected() === false, split: panel() }}>
      <a class="skip" href="#list">
        {w().skip}
      </a>
      <header class="top">
        <h1>
          <small>{w().place}</small>
          {w().title}
        </h1>
        <Duty />
        <p class="line" role="status" data-role="connection" data-connected={String(c.model.connected())}>
          <i aria-hidden="true" />
          {line()}
        </p>
        <time class="clock">{time(c.model.now(), c.lang())}</time>
        <div class="settings">
          <Sound muted={muted()} sounds={sounds()} silence={silence} wake={() => void unlock().then(setSounds)} />
          <button type="button" onClick={() => { props.setTheme(props.theme() === 'light' ? 'dark' : 'light') }}>
            {props.theme() === 'light' ? w().toDark : w().toLight}
          </button>
          <button type="button" lang={c.lang() === 'vi' ? 'en' : 'vi'} onClick={() => { props.setLang(c.lang() === 'vi' ? 'en' : 'vi') }}>
            {w().language}
          </button>
          <button type="button" class="keys-button" onClick={() => setHelp(true)} aria-haspopup="dialog">
            {w().help} <kbd>?</kbd>
          </button>
        </div>
      </header>
      <div class="bar">
        <nav class="tabs" ref={strip} aria-label={w().title}>
          <For each={tabs}>
            {(tab, i) => (
              <a
                href={c.route.linkTab(tab)}
                aria-current={c.route.tab() === tab ? 'page' : undefined}
                onClick={(e) => {
                  if (e.ctrlKey || e.metaKey || e.shiftKey) return
                  e.preventDefault()
                  c.route.show(tab)
                }}
              >
                <kbd aria-hidden="true">{i() + 1}</kbd>
                {w().tabs[tab]}
                <Show when={badge(tab) > 0}>
                  <b class="badge" data-tab={tab}>
                    {c.count(badge(tab))}
                  </b>
                </Show>
              </a>
            )}
          </For>
        </nav>
        <nav class="elsewhere" aria-label={w().elsewhere}>
          <a href={`/?lang=${c.lang()}`}>{w().wall}</a>
          <a href={`/reports?language=${c.lang()}`}>{w().reports}</a>
          <a href={`/scorecards/index-766?language=${c.lang()}`}>{w().scorecards}</a>
          <a href="/figures">{w().figures}</a>
        </nav>
      </div>
      <main id="list" ref={main} tabindex="-1">
        <Switch>
          <Match when={c.route.tab() === 'alarms'}><Alarms /></Match>
          <Match when={c.route.tab() === 'feeds'}><Feeds /></Match>
          <Match when={c.route.tab() === 'cameras'}><Devices type="cameras" /></Match>
          <Match when={c.route.tab() === 'sensors'}><Devices type="sensors" /></Match>
          <Match when={c.route.tab() === 'tickets'}><Tickets /></Match>
          <Match when={c.route.tab() === 'search'}><Search /></Match>
          <Match when={c.route.tab() === 'map'}><MapTab /></Match>
          <Match when={c.route.tab() === 'statistics'}><Statistics /></Match>
        </Switch>
      </main>
      <Panel />
      <Show when={help()}>
        <Keys close={() => setHelp(false)} />
      </Show>
    </div>
  )
}

/** Whether new alarms are heard, and how to silence them for a while. */
function Sound(props: { muted: number; sounds: boolean; silence: (minutes: number) => void; wake: () => void }) {
  const c = useConsole()
  const w = () => c.words().sound
  return (
    <Show when={props.sounds} fallback={<button type="button" class="sound" onClick={() => { props.wake() }}>{w().unlock}</button>}>
      <label class="choice sound" data-muted={String(props.muted > 0)}>
        <span class="unseen">{w().label}</span>
        <select
          value=""
          onChange={(e) => {
            props.silence(Number(e.currentTarget.value))
            e.currentTarget.value = ''
          }}
        >
          <option value="">{props.muted ? w().muted(time(new Date(props.muted), c.lang(), false)) : w().on}</option>
          <Show when={props.muted}>
            <option value="0">{w().back}</option>
          </Show>
          <For each={muteFor}>{(m) => <option value={m}>{`${w().mute} ${w().minutes(m)}`}</option>}</For>
        </select>
      </label>
    </Show>
  )
}

/** The keys, in a dialog that Escape closes. */
function Keys(props: { close: () => void }) {
  const c = useConsole()
  let dialog: HTMLDialogElement | undefined
  onMount(() => dialog?.showModal())
  return (
    <dialog class="keys" ref={dialog} aria-label={c.words().help} onClose={() => { props.close() }}>
      <h2>{c.words().help}</h2>
      <dl>
        <For each={c.words().keys}>
          {([key, what]) => (
            <div>
              <dt><kbd>{key}</kbd></dt>
              <dd>{what}</dd>
            </div>
          )}
        </For>
      </dl>
      <button type="button" class="primary" onClick={() => dialog?.close()}>
        {c.words().close}
      </button>
    </dialog>
  )
}
