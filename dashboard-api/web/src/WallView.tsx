import { createEffect, createMemo, createSignal, For, on, onCleanup, Show, untrack } from 'solid-js'

import { Controls } from './Controls'
import { useWall } from './context'
import type { Lang } from './format'
import { day, time } from './format'
import type { Turn } from './rotation'
import { Rotation } from './rotation'
import { SceneView } from './SceneView'
import { TakeOver } from './TakeOver'
import type { Scene } from './wire'

interface Props {
  scenes: Scene[]
  turns: Turn[]
  takeOver: boolean
  pinned: string | null
  setLang: (lang: Lang) => void
  setTheme: (theme: 'dark' | 'light') => void
}

/** How long the controls stay after the last movement of a pointer, in ms. */
const controlsFor = 4000

/** The whole wall. Every scene is made once, and shown in its turn. */
export function WallView(props: Props) {
  const { board, lang, theme, words } = useWall()
  // Scenes and their times are those that the page was opened with.
  const { scenes, turns, takeOver, pinned } = untrack(() => ({ ...props }))
  const start = Math.max(0, scenes.findIndex((s) => s.id === pinned))
  const rotation = new Rotation(turns, start, pinned !== null, performance.now())
  const [passed, setPassed] = createSignal(0)
  const [current, setCurrent] = createSignal(start)
  const [paused, setPaused] = createSignal(rotation.paused)
  const [dismissed, setDismissed] = createSignal('')
  const [moved, setMoved] = createSignal(-Infinity)
  const [hidden, setHidden] = createSignal(true)

  const update = () => {
    setPassed(rotation.tick(performance.now()))
    setCurrent(rotation.current)
    setPaused(rotation.paused)
    setHidden(performance.now() - moved() > controlsFor)
  }
  const act = (what: (now: number) => void) => {
    what(performance.now())
    update()
  }
  const timer = setInterval(update, 500)
  const onKey = (event: KeyboardEvent) => {
    // Who chooses in a control has the keys for it.
    if (event.target instanceof HTMLElement && event.target.closest('.controls') && event.key !== 'Escape') return
    if (event.ctrlKey || event.altKey || event.metaKey) return
    if (event.key === 'Escape') setDismissed(board.urgent()?.id ?? '')
    else if (!rotation.key(event.key, performance.now())) return
    event.preventDefault()
    update()
  }
  const onMove = () => {
    setMoved(performance.now())
    setHidden(false)
  }
  const listening = new AbortController()
  // eslint-disable-next-line solid/reactivity -- a key is pressed long after all is set up
  addEventListener('keydown', (event) => { onKey(event) }, { signal: listening.signal })
  addEventListener('pointermove', onMove, { signal: listening.signal })
  onCleanup(() => {
    clearInterval(timer)
    listening.abort()
  })
  createEffect(on(board.told, (show) => {
    if (show) act((now) => { rotation.obey(show, now) })
  }))

  const scene = () => scenes[current()]
  const name = () => scene()?.name[lang()] ?? ''
  const urgent = createMemo(() => {
    const alarm = takeOver ? board.urgent() : null
    return alarm && alarm.id !== dismissed() ? alarm : null
  })
  const rest = () => board.alarms().filter((a) => a.priority === 1 && a.state === 'raised').length - 1
  const now = () => new Date(board.now())
  return (
    <main class="wall" classList={{ lost: board.connected() === false, taken: urgent() !== null }}>
      <header class="top">
        <div class="names">
          <p class="title">{words().title}</p>
          <h1>{name()}</h1>
        </div>
        <p class="line-state" data-role="connection" data-connected={board.connected() === true ? 'true' : 'false'} role="status">
          <Show when={board.connected() !== false} fallback={words().lost(time(new Date(board.newest()), lang()))}>
            {board.connected() === null ? words().connecting : paused() ? `${words().live} · ${words().paused}` : words().live}
          </Show>
        </p>
        <div class="clock-now">
          <time>{time(now(), lang())}</time>
          <p>{day(now(), lang())}</p>
        </div>
      </header>
      <For each={scenes}>{(s, i) => <SceneView scene={s} shown={() => i() === current() && urgent() === null} />}</For>
      <Show when={urgent()}>{(alarm) => <TakeOver alarm={alarm()} rest={rest()} />}</Show>
      <div class="dots" aria-hidden="true">
        <For each={scenes}>
          {(_, i) => (
            <span classList={{ on: i() === current() }}>
              <i style={{ transform: `scaleX(${i() === current() ? (paused() ? 1 : passed()) : 0})` }} />
            </span>
          )}
        </For>
      </div>
      <Controls
        scenes={scenes} current={current()} paused={paused()} hidden={hidden}
        step={(by) => { act((t) => { rotation.step(by, t) }) }}
        jump={(i) => { act((t) => { rotation.jump(i, t) }) }}
        toggle={() => { act((t) => { rotation.toggle(t) }) }}
        setLang={() => { props.setLang(lang() === 'vi' ? 'en' : 'vi') }}
        setTheme={() => { props.setTheme(theme() === 'dark' ? 'light' : 'dark') }}
      />
    </main>
  )
}
