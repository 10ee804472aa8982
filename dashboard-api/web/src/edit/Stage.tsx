import { createSignal, For, onCleanup, Show, untrack } from 'solid-js'

import { useWall } from '../context'
import { SceneView } from '../SceneView'
import type { Widget } from '../wire'
import type { Desk } from './desk'
import type { Draft } from './model'
import { moved, overlapping, resized, widgetOf } from './model'
import { text } from './text'

/** The place of a scene on a wall of 1920×1080, in px of that; the wall's own layout gives it so much. */
const place = { width: 1856, height: 918 }

/** The scene as walls show it, under a grid of what can be grasped. */
export function Stage(props: { desk: Desk; scene: Draft }) {
  const { lang } = useWall()
  const words = () => text[lang()]
  const [scale, setScale] = createSignal(0.7)
  const [held, setHeld] = createSignal<{ i: number; widget: Widget } | null>(null)
  let frame!: HTMLDivElement
  let overlay!: HTMLDivElement

  // The widgets are sized by rem, which is by the window: what the wall draws is made smaller as a whole.
  const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
  const observer = new ResizeObserver(() => {
    setScale(Math.min(frame.clientWidth / (place.width * rem()), frame.clientHeight / (place.height * rem())))
  })
  onCleanup(() => { observer.disconnect() })

  const shown = (i: number, w: Widget) => {
    const h = held()
    return h?.i === i ? h.widget : w
  }
  const crowded = () => overlapping(props.scene.widgets.map((w, i) => shown(i, w)))
  const faultsOf = (i: number) => props.desk.faults().filter((f) => widgetOf(f.field) === i)

  /** Follows a pointer until it lets go, in whole cells. */
  function grasp(event: PointerEvent, i: number, act: (w: Widget, dx: number, dy: number, grid: Draft) => Widget): void {
    if (event.button !== 0) return
    event.preventDefault()
    event.stopPropagation()
    const grip = event.currentTarget as HTMLElement
    grip.closest<HTMLElement>('.grip')?.focus()
    props.desk.setChosen(i)
    const { scene, widget } = untrack(() => ({ scene: props.scene, widget: props.scene.widgets[i] }))
    if (!widget) return
    const box = overlay.getBoundingClientRect()
    const from = { x: event.clientX, y: event.clientY }
    const at = (e: PointerEvent) =>
      act(widget, Math.round(((e.clientX - from.x) / box.width) * scene.columns), Math.round(((e.clientY - from.y) / box.height) * scene.rows), scene)
    grip.setPointerCapture(event.pointerId)
    const done = new AbortController()
    grip.addEventListener('pointermove', (e) => setHeld({ i, widget: at(e) }), { signal: done.signal })
    const end = (e: PointerEvent) => {
      done.abort()
      const next = at(e)
      setHeld(null)
      if (e.type === 'pointerup' && JSON.stringify(next) !== JSON.stringify(widget)) props.desk.widget(i, next)
    }
    grip.addEventListener('pointerup', end, { signal: done.signal })
    grip.addEventListener('pointercancel', end, { signal: done.signal })
  }

  const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
  function onKey(event: KeyboardEvent, i: number, w: Widget): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const by = arrows[event.key]
    if (by) {
      const next = (event.shiftKey ? resized : moved)(w, by[0], by[1], props.scene)
      if (JSON.stringify(next) !== JSON.stringify(w)) props.desk.widget(i, next)
    } else if (event.key === 'Delete') {
      props.desk.drop(i)
    } else {
      return
    }
    event.preventDefault()
  }

  return (
    <div class="frame" ref={(e) => { frame = e; observer.observe(e) }}>
      <div class="paper" style={{ width: `${place.width * rem() * scale()}px`, height: `${place.height * rem() * scale()}px` }}>
        <div class="drawn" inert style={{ width: `${place.width * rem()}px`, height: `${place.height * rem()}px`, transform: `scale(${scale()})` }}>
          <SceneView scene={props.scene} shown={() => true} />
        </div>
        <div class="grips" ref={overlay} style={{ '--columns': String(props.scene.columns), '--rows': String(props.scene.rows), '--by': String(scale()) }}>
          {/* By place: a widget that moves keeps its grip, and with it the focus. */}
          <For each={Array.from({ length: props.scene.widgets.length }, (_, i) => i)}>
            {(i) => (
              <Show when={props.scene.widgets[i]}>
                {(w) => (
                  <div
                    class="grip" role="button" tabIndex={0} data-widget={i}
                    classList={{ chosen: props.desk.chosen() === i, crowded: crowded().has(i), faulty: faultsOf(i).length > 0 }}
                    aria-label={`${words().kinds[w().kind]}: ${words().place(w().x, w().y, w().w, w().h)}`} aria-pressed={props.desk.chosen() === i}
                    style={{ 'grid-area': `${shown(i, w()).y} / ${shown(i, w()).x} / span ${shown(i, w()).h} / span ${shown(i, w()).w}` }}
                    onPointerDown={(e) => { grasp(e, i, moved) }}
                    onFocus={() => { props.desk.setChosen(i) }}
                    onKeyDown={(e) => { onKey(e, i, w()) }}
                  >
                    <Show when={crowded().has(i) || faultsOf(i).length > 0}>
                      <p class="fault">
                        <Show when={crowded().has(i)}>{words().overlap}</Show>
                        <For each={faultsOf(i)}>{(f) => <span>{`${f.field.replace(/^widgets\[\d+\]\./, '')}: ${f.sentence[lang()]}`}</span>}</For>
                      </p>
                    </Show>
                    <span class="corner" onPointerDown={(e) => { grasp(e, i, resized) }} />
                  </div>
                )}
              </Show>
            )}
          </For>
        </div>
      </div>
    </div>
  )
}
