import { createSignal, For, Show, untrack } from 'solid-js'

import { Feeds } from './Feeds'
import type { Lang } from './format'
import { day, time } from './format'
import { Rotation } from './rotation'
import type { Scene } from './scenes'
import type { createBoard } from './store'
import { text } from './text'
import { Tile } from './Tile'

interface Props {
  model: ReturnType<typeof createBoard>
  scenes: Scene[]
  lang: Lang
  every: number
  pinned: string | null
}

/** The whole wall. Every scene is made once, and shown in its turn. */
export function Wall(props: Props) {
  const words = () => text[props.lang]
  const [now, setNow] = createSignal(new Date())
  const [passed, setPassed] = createSignal(0)
  // Scenes and their times are those that the page was opened with.
  const { scenes, every, pinned } = untrack(() => ({ ...props }))
  const start = Math.max(0, scenes.findIndex((s) => s.id === pinned))
  const rotation = new Rotation(scenes.length, every, start, pinned !== null, performance.now())
  const [current, setCurrent] = createSignal(start)
  const [paused, setPaused] = createSignal(rotation.paused)
  const update = () => {
    setPassed(rotation.tick(performance.now()))
    setCurrent(rotation.current)
    setPaused(rotation.paused)
  }
  setInterval(() => {
    setNow(new Date(Date.now() + props.model.ahead()))
    update()
  }, 250)
  addEventListener('keydown', (event) => {
    const at = performance.now()
    if (event.key === 'ArrowRight') rotation.step(1, at)
    else if (event.key === 'ArrowLeft') rotation.step(-1, at)
    else if (event.key === ' ') rotation.toggle(at)
    else return
    event.preventDefault()
    update()
  })
  const name = (scene: Scene | undefined) => {
    if (!scene) return ''
    const centre = props.model.board.centres.find((c) => c.code === scene.centre)
    return scene.compare.length > 0 ? words().overview : (centre?.name[props.lang] ?? scene.centre)
  }
  const connected = () => props.model.connected()
  return (
    <main class="wall" classList={{ lost: connected() === false }}>
      <header class="top">
        <div>
          <p class="title">{words().title}</p>
          <h1>{name(scenes[current()])}</h1>
        </div>
        <p class="line-state" data-role="connection" data-connected={connected() === true ? 'true' : 'false'} role="status">
          <Show when={connected() !== false} fallback={words().lost(time(new Date(props.model.newest()), props.lang))}>
            {connected() === null ? words().connecting : words().live}
          </Show>
        </p>
        <div class="clock">
          <time>{time(now(), props.lang)}</time>
          <p>{day(now(), props.lang)}</p>
        </div>
      </header>
      <For each={scenes}>
        {(scene, i) => (
          <div class="scene" classList={{ shown: i() === current() }} data-scene={scene.id}>
            <div class="tiles">
              <For each={scene.kpis}>
                {(kpi) => <Tile board={props.model.board} kpi={kpi} centre={scene.centre} compare={scene.compare} lang={props.lang} now={now} />}
              </For>
            </div>
            <Feeds board={props.model.board} centre={scene.compare.length > 0 ? null : scene.centre} lang={props.lang} now={now} />
          </div>
        )}
      </For>
      <nav class="dots" aria-label={paused() ? words().paused : name(scenes[current()])}>
        <For each={scenes}>
          {(_, i) => (
            <span classList={{ on: i() === current() }}>
              <i style={{ transform: `scaleX(${i() === current() ? (paused() ? 1 : passed()) : 0})` }} />
            </span>
          )}
        </For>
      </nav>
    </main>
  )
}
