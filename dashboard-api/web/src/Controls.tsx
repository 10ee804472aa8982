import type { Accessor } from 'solid-js'
import { For } from 'solid-js'

import { useWall } from './context'
import type { Scene } from './wire'

interface Props {
  scenes: Scene[]
  current: number
  paused: boolean
  hidden: Accessor<boolean>
  step: (by: number) => void
  jump: (index: number) => void
  toggle: () => void
  setLang: () => void
  setTheme: () => void
}

/** What a hand can do. On a wall it is there only while somebody moves a pointer; on a phone it always is. */
export function Controls(props: Props) {
  const { lang, words, theme } = useWall()
  const c = () => words().controls
  return (
    <nav class="controls" classList={{ away: props.hidden() }} aria-label={c().bar}>
      <button type="button" onClick={() => { props.step(-1) }} aria-label={c().previous}>◀</button>
      <select aria-label={c().scene} value={props.current} onChange={(e) => { props.jump(Number(e.currentTarget.value)) }}>
        <For each={props.scenes}>{(scene, i) => <option value={i()}>{scene.name[lang()]}</option>}</For>
      </select>
      <button type="button" onClick={() => { props.step(1) }} aria-label={c().next}>▶</button>
      <button type="button" onClick={() => { props.toggle() }} aria-pressed={props.paused}>{props.paused ? c().go : c().pause}</button>
      <button type="button" onClick={() => { props.setTheme() }}>{theme() === 'dark' ? c().light : c().dark}</button>
      <button type="button" onClick={() => { props.setLang() }} lang={lang() === 'vi' ? 'en' : 'vi'}>{c().language}</button>
      <a href={`/console?lang=${lang()}`}>{c().console}</a>
      <a href={`/reports?language=${lang()}`}>{c().reports}</a>
    </nav>
  )
}
