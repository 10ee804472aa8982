import { createSignal, For, onCleanup, Show } from 'solid-js'

import { useWall } from '../context'
import { day, time } from '../format'
import type { WidgetKind } from '../wire'
import { exportAddress } from './api'
import type { Desk } from './desk'
import { SceneForm, WidgetForm } from './Forms'
import { fresh, widgetOf } from './model'
import { Stage } from './Stage'
import { text } from './text'

/** The whole page: scenes on the left, the chosen one in the middle, what it is made of on the right. */
export function Editor(props: { desk: Desk; setLang: () => void }) {
  const { board, lang } = useWall()
  const words = () => text[lang()]
  const desk = () => props.desk
  const [why, setWhy] = createSignal('')
  const chosen = () => {
    const i = desk().chosen()
    const widget = i === null ? undefined : desk().scene()?.widgets[i]
    return i !== null && widget ? { i, widget } : null
  }
  const save = async () => {
    await desk().save(why())
    if (!desk().dirty()) setWhy('')
  }
  const keys = new AbortController()
  // eslint-disable-next-line solid/reactivity -- a key is pressed long after all is set up
  addEventListener('keydown', (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.target instanceof HTMLInputElement) return
    const key = e.key.toLowerCase()
    if (key === 'z' && !e.shiftKey) desk().back()
    else if (key === 'y' || (key === 'z' && e.shiftKey)) desk().forth()
    else return
    e.preventDefault()
  }, { signal: keys.signal })
  onCleanup(() => { keys.abort() })
  const add = (kind: WidgetKind) => {
    const scene = desk().scene()
    if (!scene) return
    desk().change({ ...scene, widgets: [...scene.widgets, fresh(kind, desk().kpis[0]?.id ?? '', scene)] })
    desk().setChosen(scene.widgets.length)
  }
  return (
    <main class="editor">
      <header class="bar">
        <h1>{words().title}</h1>
        <p class="about-scene">
          {desk().scene()?.name[lang()]}
          <Show when={desk().dirty()}><b data-role="unsaved">{words().unsaved}</b></Show>
        </p>
        <button type="button" disabled={desk().past() === 0} onClick={() => { desk().back() }}>{words().undo}</button>
        <button type="button" disabled={desk().future() === 0} onClick={() => { desk().forth() }}>{words().redo}</button>
        <input class="why" placeholder={words().why} aria-label={words().why} maxLength={500} value={why()} onInput={(e) => { setWhy(e.currentTarget.value) }} />
        <button type="button" class="primary" disabled={!desk().dirty() || desk().busy()} onClick={() => { void save() }}>{words().save}</button>
        <a href="/wall">{words().wall}</a>
        <button type="button" lang={lang() === 'vi' ? 'en' : 'vi'} onClick={() => { props.setLang() }}>{words().language}</button>
      </header>
      <Scenes desk={props.desk} />
      <section class="middle">
        <div role="status" class="said">{desk().said()}</div>
        <Show when={desk().wrong()}>
          <div role="alert" class="wrong">
            <p>{desk().wrong()}</p>
            <For each={desk().faults().filter((f) => widgetOf(f.field) === null)}>{(f) => <p>{`${f.field}: ${f.sentence[lang()]}`}</p>}</For>
            <Show when={desk().conflict() && desk().dirty()}>
              <button type="button" onClick={() => { void desk().reload() }}>{words().reload}</button>
            </Show>
          </div>
        </Show>
        <Show when={desk().scene()}>{(scene) => <Stage desk={props.desk} scene={scene()} />}</Show>
      </section>
      <aside class="side">
        <Show when={desk().scene()}>
          {(scene) => (
            <>
              <h2>{words().widget}</h2>
              <Show when={chosen()} fallback={<p class="quiet">{words().nothing}</p>}>
                {(c) => <WidgetForm desk={props.desk} scene={scene()} at={c().i} widget={c().widget} />}
              </Show>
              <h2>{words().add}</h2>
              <div class="kinds">
                <For each={Object.entries(words().kinds) as [WidgetKind, string][]}>
                  {([kind, name]) => <button type="button" data-kind={kind} onClick={() => { add(kind) }}>{name}</button>}
                </For>
              </div>
              <h2>{words().scene}</h2>
              <SceneForm desk={props.desk} scene={scene()} />
            </>
          )}
        </Show>
        <Show when={desk().versions()}>
          {(v) => (
            <>
              <h2>{words().versions}</h2>
              <ol class="versions">
                <For each={v().versions} fallback={<li class="quiet">{words().noVersions}</li>}>
                  {(one) => (
                    <li data-version={one.version}>
                      <p>
                        <b>{words().version(one.version)}</b> {time(new Date(one.at), lang(), false)} · {day(new Date(one.at), lang())} · {one.by}
                      </p>
                      <p>{one.why}<Show when={one.removed}> ({words().removed})</Show></p>
                      <Show when={!one.removed && one.version !== v().version}>
                        <button type="button" disabled={desk().busy()} onClick={() => { void desk().restore(one.version, why()) }}>{words().restore}</button>
                      </Show>
                    </li>
                  )}
                </For>
              </ol>
              <Show when={v().versions[0] && !v().versions[0]?.removed}>
                <button type="button" disabled={desk().busy()} onClick={() => { void desk().remove(why()) }}>{v().shipped ? words().back : words().gone}</button>
              </Show>
            </>
          )}
        </Show>
      </aside>
      <Show when={board.connected() === false}><p class="unseen">{words().connecting}</p></Show>
    </main>
  )
}

/** The scenes to choose from, and the ways to get another one. */
function Scenes(props: { desk: Desk }) {
  const { board, lang } = useWall()
  const words = () => text[lang()]
  const [id, setID] = createSignal('')
  const known = () => board.scenes().some((s) => s.id === id())
  const good = () => /^[a-z][a-z0-9-]{0,39}$/.test(id()) && !known()
  let file!: HTMLInputElement
  const take = async () => {
    const one = file.files?.[0]
    if (one) await props.desk.take(one.name, await one.text())
    file.value = ''
  }
  return (
    <nav class="scenes" aria-label={words().scenes}>
      <ul>
        <For each={board.scenes()}>
          {(s) => (
            <li>
              <button type="button" data-scene={s.id} aria-current={props.desk.scene()?.id === s.id} onClick={() => { void props.desk.open(s.id) }}>{s.name[lang()]}</button>
            </li>
          )}
        </For>
      </ul>
      <form onSubmit={(e) => { e.preventDefault(); props.desk.begin(id()); setID('') }}>
        <input aria-label={words().newID} placeholder={words().newID} value={id()} onInput={(e) => { setID(e.currentTarget.value) }} />
        <button type="submit" disabled={!good()}>{words().newScene}</button>
      </form>
      <input ref={file} type="file" accept=".yaml,.yml" aria-label={words().importFile} class="unseen" id="import" tabIndex={-1} onChange={() => { void take() }} />
      <button type="button" onClick={() => { file.click() }}>{words().importFile}</button>
      <Show when={props.desk.versions()}>{(v) => <a class="button" href={exportAddress(v().id)} download="">{words().exportFile}</a>}</Show>
    </nav>
  )
}
