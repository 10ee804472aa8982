import { createEffect, type JSX, on, onCleanup, onMount } from 'solid-js'

import { useConsole } from './context'

/** A panel with its title. It takes the focus when it opens, and gives it back when it closes. */
export function Sheet(props: { title: string; about: JSX.Element; of: string; children: JSX.Element }) {
  const c = useConsole()
  let heading: HTMLHeadingElement | undefined
  const before = document.activeElement
  onMount(() => heading?.focus({ preventScroll: true }))
  createEffect(on(() => props.title, () => heading?.parentElement?.parentElement?.scrollTo(0, 0), { defer: true }))
  onCleanup(() => {
    if (before instanceof HTMLElement && before !== document.body && before.isConnected) before.focus({ preventScroll: true })
    // The row that it was opened from may have left the list meanwhile.
    else document.querySelector<HTMLElement>('main [data-row]')?.focus({ preventScroll: true })
  })
  return (
    <aside class="panel" aria-label={props.title} data-panel={props.of}>
      <header>
        <h2 ref={heading} tabindex="-1">
          {props.title}
        </h2>
        <button
          type="button"
          class="icon"
          aria-label={c.words().close}
          onClick={() => {
            c.route.close()
          }}
        >
          ×
        </button>
        <p class="about">{props.about}</p>
      </header>
      {props.children}
    </aside>
  )
}
