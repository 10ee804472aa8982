import { createEffect, For, type JSX, Show } from 'solid-js'

import type { Answer } from './api'
import { useConsole } from './context'
import { type Grade, grade, Mark } from './marks'
import type { Name } from './route'

/** After this long without an answer a list says that it is old, in ms. */
const oldAfter = 20_000

export interface Column<T> {
  name: string
  head: string
  cell: (row: T) => JSX.Element
  right?: boolean
  /** Left out on narrow screens. */
  wide?: boolean
}

interface Props<T extends object> {
  label: string
  rows: T[]
  columns: Column<T>[]
  /** Of the row; the first column is the way into it. */
  id: (row: T) => string
  link: (row: T) => string
  open: (row: T) => void
  opened: string
  grade?: (row: T) => Grade
}

/** A table whose rows open. j and k go through it: each row's first cell is a link that takes the focus. */
export function Rows<T extends object>(props: Props<T>) {
  let body: HTMLTableSectionElement | undefined
  let last: { id: string; index: number } | undefined
  // A row that is moved, or that a new answer no longer has, loses the focus: it goes back to it, or to the one in its place.
  createEffect(() => {
    const ids = props.rows.map(props.id)
    if (!last || !body || document.activeElement !== document.body) return
    const same = ids.indexOf(last.id)
    const rows = body.querySelectorAll<HTMLElement>('[data-row]')
    rows[same >= 0 ? same : Math.min(last.index, rows.length - 1)]?.focus({ preventScroll: true })
  })
  return (
    <table class="rows" aria-label={props.label}>
      <thead>
        <tr>
          <For each={props.columns}>
            {(c) => (
              <th scope="col" classList={{ right: c.right ?? false, wide: c.wide ?? false }}>
                {c.head}
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody
        ref={body}
        onFocusIn={(e) => {
          const row = e.target.closest('tr')
          const index = row ? [...e.currentTarget.children].indexOf(row) : -1
          last = row ? { id: row.dataset['id'] ?? '', index } : undefined
        }}
      >
        <For each={props.rows}>
          {(row) => (
            <tr
              data-id={props.id(row)}
              data-grade={props.grade?.(row)}
              classList={{ opened: props.opened === props.id(row) }}
              onClick={(e) => {
                if (e.target.closest('a, button')) return
                e.currentTarget.querySelector<HTMLElement>('[data-row]')?.focus()
                props.open(row)
              }}
            >
              <For each={props.columns}>
                {(c, i) => (
                  <td classList={{ right: c.right ?? false, wide: c.wide ?? false, [`c-${c.name}`]: true }} data-head={c.head}>
                    <Show when={i() === 0} fallback={c.cell(row)}>
                      <a
                        data-row
                        href={props.link(row)}
                        onClick={(e) => {
                          if (e.ctrlKey || e.metaKey || e.shiftKey) return
                          e.preventDefault()
                          props.open(row)
                        }}
                      >
                        {c.cell(row)}
                      </a>
                    </Show>
                  </td>
                )}
              </For>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  )
}

/** Says what is wrong with an answer: it failed, or it is old, or there is none yet. */
export function Health<T extends object>(props: { answer: Answer<T> }) {
  const c = useConsole()
  // The clock of the console ticks, and so this is asked each second.
  const old = () => c.model.now().getTime() > 0 && props.answer.at() > 0 && Date.now() - props.answer.at() > oldAfter
  return (
    <>
      <Show when={props.answer.error()}>
        {(error) => (
          <p class="banner bad" role="alert">
            {c.words().failed(error().message)}{' '}
            <button
              type="button"
              onClick={() => {
                props.answer.again()
              }}
            >
              {c.words().again}
            </button>
          </p>
        )}
      </Show>
      <Show when={!props.answer.error() && old()}>
        <p class="banner old" role="status">
          {c.words().old(c.at(new Date(props.answer.at())))}
        </p>
      </Show>
      <Show when={!props.answer.error() && props.answer.at() === 0}>
        <p class="quiet" role="status">
          {c.words().loading}
        </p>
      </Show>
    </>
  )
}

/** Counts of states that are filters as well. */
export function StateFilter(props: { name: Name; states: { state: string; label: string; count: number | undefined; grade?: Grade }[]; label: string }) {
  const c = useConsole()
  return (
    <div class="states" role="group" aria-label={props.label}>
      <For each={props.states}>
        {(s) => (
          <button
            type="button"
            data-grade={s.grade ?? grade(s.state)}
            data-state={s.state}
            aria-pressed={c.route.get(props.name) === s.state}
            onClick={() => {
              c.route.filter({ [props.name]: c.route.get(props.name) === s.state ? '' : s.state })
            }}
          >
            <Mark grade={s.grade ?? grade(s.state)} />
            <span>{s.label}</span>
            <b>{c.count(s.count)}</b>
          </button>
        )}
      </For>
    </div>
  )
}

/** A choice that stands in the address. */
export function Choice(props: { name: Name; label: string; none: string; of: [value: string, label: string][] }) {
  const c = useConsole()
  return (
    <label class="choice">
      <span class="unseen">{props.label}</span>
      <select
        value={c.route.get(props.name)}
        onChange={(e) => {
          c.route.filter({ [props.name]: e.currentTarget.value })
        }}
      >
        <option value="">{props.none}</option>
        <For each={props.of}>
          {([value, label]) => (
            <option value={value} selected={c.route.get(props.name) === value}>
              {label}
            </option>
          )}
        </For>
      </select>
    </label>
  )
}

export function CentreChoice() {
  const c = useConsole()
  return (
    <Choice name="centre" label={c.words().centre} none={c.words().allCentres} of={c.model.board.centres.map((x) => [x.code, x.short[c.lang()]])} />
  )
}

/** A field of which the text stands in the address. */
export function TextFilter(props: { label: string; debounce?: number }) {
  const c = useConsole()
  let timer: ReturnType<typeof setTimeout> | undefined
  return (
    <label class="find">
      <span class="unseen">{props.label}</span>
      <input
        type="search"
        data-search
        placeholder={props.label}
        value={c.route.get('text')}
        maxLength={100}
        onInput={(e) => {
          const value = e.currentTarget.value
          clearTimeout(timer)
          timer = setTimeout(() => {
            c.route.filter({ text: value }, true)
          }, props.debounce ?? 150)
        }}
      />
    </label>
  )
}

/** Where a list ends: how much of it is shown, and the way on. */
export function Pager(props: { shown: number; total?: number; next: string }) {
  const c = useConsole()
  return (
    <nav class="pager" aria-label={c.words().next}>
      <Show when={props.total !== undefined}>
        <span>{c.words().shown(c.count(props.shown), c.count(props.total))}</span>
      </Show>
      <Show when={c.route.get('after')}>
        <button
          type="button"
          onClick={() => {
            c.route.filter({ after: '' })
          }}
        >
          {c.words().first}
        </button>
      </Show>
      <Show when={props.next}>
        <button
          type="button"
          data-next
          onClick={() => {
            c.route.filter({ after: props.next })
          }}
        >
          {c.words().next}
        </button>
      </Show>
    </nav>
  )
}

/** Said where a list is empty, with the way out. */
export function Nothing(props: { when: boolean }) {
  const c = useConsole()
  return (
    <Show when={props.when}>
      <p class="nothing">
        {c.words().nothing}{' '}
        <button
          type="button"
          onClick={() => {
            c.route.show(c.route.tab())
          }}
        >
          {c.words().clear}
        </button>
      </p>
    </Show>
  )
}
