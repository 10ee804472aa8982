import type { JSX } from 'solid-js'
import { createUniqueId, For, Show } from 'solid-js'

import { useWall } from '../context'
import type { Text, Widget, WidgetKind } from '../wire'
import type { Desk } from './desk'
import type { Draft, Field } from './model'
import { fresh, kinds } from './model'
import { text } from './text'

/** A control with its name. */
function Row(props: { name: string; children: (id: string) => JSX.Element }) {
  const id = createUniqueId()
  return (
    <div class="row">
      <label for={id}>{props.name}</label>
      {props.children(id)}
    </div>
  )
}

function Line(props: { name: string; value: string; set: (v: string) => void }) {
  return <Row name={props.name}>{(id) => <input id={id} value={props.value} onChange={(e) => { props.set(e.currentTarget.value) }} />}</Row>
}

function Amount(props: { name: string; value: number | undefined; whole?: boolean; set: (v: number | undefined) => void }) {
  return (
    <Row name={props.name}>
      {(id) => (
        <input
          id={id} type="number" step={props.whole ? 1 : 'any'} value={props.value ?? ''}
          onChange={(e) => { props.set(e.currentTarget.value === '' ? undefined : e.currentTarget.valueAsNumber) }}
        />
      )}
    </Row>
  )
}

/** One of several; the empty one, where there is one, stands for none. */
function Choice(props: { name: string; value: string; of: [string, string][]; none?: string; set: (v: string) => void }) {
  return (
    <Row name={props.name}>
      {(id) => (
        <select id={id} onChange={(e) => { props.set(e.currentTarget.value) }}>
          <Show when={props.none !== undefined}><option value="" selected={props.value === ''}>{props.none}</option></Show>
          <For each={props.of}>{([value, name]) => <option value={value} selected={value === props.value}>{name}</option>}</For>
        </select>
      )}
    </Row>
  )
}

/** Several of several. */
function Many(props: { name: string; value: string[]; of: [string, string][]; set: (v: string[]) => void }) {
  const toggle = (v: string, on: boolean) => { props.set(on ? [...props.value, v] : props.value.filter((x) => x !== v)) }
  return (
    <fieldset>
      <legend>{props.name}</legend>
      <For each={props.of}>
        {([value, name]) => (
          <label class="tick">
            <input type="checkbox" checked={props.value.includes(value)} onChange={(e) => { toggle(value, e.currentTarget.checked) }} /> {name}
          </label>
        )}
      </For>
    </fieldset>
  )
}

/** What can be chosen from, in the language of the reader. */
function useChoices(desk: Desk) {
  const { board, lang } = useWall()
  const kpis = (): [string, string][] =>
    desk.kpis.map((k): [string, string] => [k.id, k.name[lang()]]).sort((a, b) => a[1].localeCompare(b[1], lang()))
  const all = (): [string, string][] => board.centres().map((c) => [c.code, c.name[lang()]])
  // A scene of a centre shows no other.
  const own = () => all().filter(([code]) => !desk.scene()?.centre || code === desk.scene()?.centre)
  return { kpis, all, own }
}

/** The same widget without what is empty or undefined: the server takes no empty words. */
function tidy(w: Widget): Widget {
  return Object.fromEntries(Object.entries(w).filter(([, v]) => v !== undefined && v !== '' && !(Array.isArray(v) && v.length === 0))) as unknown as Widget
}

/** A text in both languages; none where both are empty. */
function both(before: Text | undefined, lang: 'vi' | 'en', value: string): Text | undefined {
  const next = { vi: '', en: '', ...before, [lang]: value }
  return next.vi || next.en ? next : undefined
}

/** What the chosen widget shows. */
export function WidgetForm(props: { desk: Desk; scene: Draft; at: number; widget: Widget }) {
  const { lang } = useWall()
  const words = () => text[lang()]
  // eslint-disable-next-line solid/reactivity -- there is one desk
  const choices = useChoices(props.desk)
  const has = (f: Field) => kinds[props.widget.kind].fields.includes(f)
  const set = (part: { [K in keyof Widget]?: Widget[K] | undefined }) => { props.desk.widget(props.at, tidy({ ...props.widget, ...part } as Widget)) }
  /** Of another kind, with what the two have in common. */
  const become = (kind: WidgetKind) => {
    const made = fresh(kind, props.widget.kpi ?? props.desk.kpis[0]?.id ?? '', props.scene)
    const { x, y, w, h, title } = props.widget
    const kept = { x, y, w, h, ...(title && kinds[kind].fields.includes('title') ? { title } : {}), ...(props.widget.centre && kinds[kind].fields.includes('centre') ? { centre: props.widget.centre } : {}) }
    props.desk.widget(props.at, { ...made, ...kept })
  }
  const ofs = () => Object.entries(words().ofs)
  const bys = () => Object.entries(words().bys)
  return (
    <>
      <Choice name={words().kind} value={props.widget.kind} of={Object.entries(words().kinds)} set={(v) => { become(v as WidgetKind) }} />
      <Show when={has('kpi') || (has('rank') && !props.widget.scorecard)}>
        <Choice name={words().kpi} value={props.widget.kpi ?? ''} of={choices.kpis()} set={(kpi) => { set({ kpi }) }} />
      </Show>
      <Show when={has('rank')}>
        <Line
          name={words().scorecard} value={props.widget.scorecard ?? ''}
          set={(v) => { set(v ? { scorecard: v, by: props.widget.by ?? 'agency', kpi: undefined } : { scorecard: undefined, by: undefined, kpi: props.desk.kpis[0]?.id }) }}
        />
        <Show when={props.widget.scorecard}>
          <Choice name={words().by} value={props.widget.by ?? 'agency'} of={bys()} set={(v) => { set({ by: v as Widget['by'] }) }} />
        </Show>
      </Show>
      <Show when={has('of')}>
        <Choice name={words().of} value={props.widget.of ?? 'feeds'} of={ofs()} set={(v) => { set({ of: v as Widget['of'] }) }} />
      </Show>
      <Show when={has('centre')}>
        <Choice name={words().centre} value={props.widget.centre ?? ''} of={choices.own()} none={words().anyCentre} set={(centre) => { set({ centre }) }} />
      </Show>
      <Show when={has('centres')}>
        <Many name={words().centres} value={props.widget.centres ?? []} of={choices.own()} set={(centres) => { set({ centres }) }} />
      </Show>
      <Show when={has('span')}>
        <Amount name={words().span} value={(props.widget.seconds ?? 0) / 3600} set={(v) => { set({ seconds: v && v * 3600 }) }} />
      </Show>
      <Show when={has('ends')}>
        <Amount name={words().min} value={props.widget.min} set={(min) => { set({ min }) }} />
        <Amount name={words().max} value={props.widget.max} set={(max) => { set({ max }) }} />
      </Show>
      <Show when={has('limit')}>
        <Amount whole name={words().limit} value={props.widget.limit} set={(limit) => { set({ limit }) }} />
      </Show>
      <Show when={has('text')}>
        <Line name={words().textVI} value={props.widget.text?.vi ?? ''} set={(v) => { set({ text: both(props.widget.text, 'vi', v) }) }} />
        <Line name={words().textEN} value={props.widget.text?.en ?? ''} set={(v) => { set({ text: both(props.widget.text, 'en', v) }) }} />
      </Show>
      <Show when={has('title')}>
        <Line name={words().titleVI} value={props.widget.title?.vi ?? ''} set={(v) => { set({ title: both(props.widget.title, 'vi', v) }) }} />
        <Line name={words().titleEN} value={props.widget.title?.en ?? ''} set={(v) => { set({ title: both(props.widget.title, 'en', v) }) }} />
      </Show>
      <Show when={has('kpis')}>
        <Many name={words().kpis} value={props.widget.kpis ?? []} of={choices.kpis()} set={(kpis) => { set({ kpis }) }} />
      </Show>
      <button type="button" class="drop" onClick={() => { props.desk.drop(props.at) }}>{words().remove}</button>
    </>
  )
}

/** The scene itself. */
export function SceneForm(props: { desk: Desk; scene: Draft }) {
  const { lang } = useWall()
  const words = () => text[lang()]
  // eslint-disable-next-line solid/reactivity -- there is one desk
  const choices = useChoices(props.desk)
  const set = (part: Partial<Draft>) => { props.desk.change({ ...props.scene, ...part }) }
  const own = (centre: string) => {
    const next = { ...props.scene, centre }
    if (!centre) delete (next as Draft).centre
    props.desk.change(next)
  }
  return (
    <>
      <Line name={words().nameVI} value={props.scene.name.vi} set={(vi) => { set({ name: { ...props.scene.name, vi } }) }} />
      <Line name={words().nameEN} value={props.scene.name.en} set={(en) => { set({ name: { ...props.scene.name, en } }) }} />
      <Choice name={words().owner} value={props.scene.centre ?? ''} of={choices.all()} none={words().province} set={own} />
      <Amount whole name={words().columns} value={props.scene.columns} set={(v) => { set({ columns: v ?? 12 }) }} />
      <Amount whole name={words().rows} value={props.scene.rows} set={(v) => { set({ rows: v ?? 12 }) }} />
    </>
  )
}
