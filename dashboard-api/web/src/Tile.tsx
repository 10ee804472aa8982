import { createEffect, createMemo, For, on, Show } from 'solid-js'

import type { Lang } from './format'
import { moment, number } from './format'
import { StateMark } from './marks'
import { path } from './spark'
import type { Board } from './store'
import { key } from './store'
import { text } from './text'
import type { KPI } from './wire'

interface Props {
  board: Board
  kpi: string
  centre: string
  compare: string[]
  lang: Lang
  now: () => Date
}

/** One KPI of one centre. */
export function Tile(props: Props) {
  const kpi = (): KPI | undefined => props.board.kpis[props.kpi]
  const value = () => props.board.values[key(props.kpi, props.centre)]
  const state = () => value()?.state ?? 'no_data'
  const words = () => text[props.lang]
  const show = (v: number | null | undefined) => (v == null ? '–' : number(v, kpi()?.decimals ?? 0, props.lang))
  const line = createMemo(() => {
    const past = props.board.history[key(props.kpi, props.centre)]
    return past ? path(past) : ''
  })
  // Counts are worth a look where they are counts of things, such as 312 of 340.
  const counts = () => {
    const v = value()
    if (v?.denominator == null || v.numerator == null || kpi()?.unit !== '%') return ''
    return `${number(v.numerator, 0, props.lang)}/${number(v.denominator, 0, props.lang)}`
  }
  const about = () => {
    const target = kpi()?.target
    const goal = target ? `${words().target} ${number(target.value, Number.isInteger(target.value) ? 0 : 1, props.lang)} ${kpi()?.unit ?? ''}` : ''
    return [goal, counts()].filter(Boolean).join(' · ')
  }
  const at = () => {
    const when = value()?.at
    return when ? words().at(moment(new Date(when), props.now(), props.lang)) : ''
  }
  let figure: HTMLParagraphElement | undefined
  createEffect(
    on(
      () => value()?.value,
      () => {
        if (!figure || matchMedia('(prefers-reduced-motion: reduce)').matches) return
        figure.animate([{ opacity: 0.55 }, { opacity: 1 }], { duration: 600, easing: 'ease-out' })
      },
      { defer: true },
    ),
  )
  return (
    <article class="tile" data-kpi={props.kpi} data-centre={props.centre} data-state={state()} aria-label={kpi()?.name[props.lang]}>
      <Show when={state() !== 'ok'}>
        <p class="state">
          <StateMark state={state()} />
          <span>{words().state[state()]}</span>
        </p>
      </Show>
      <h2>{kpi()?.name[props.lang]}</h2>
      <p class="figure" ref={figure}>
        <span data-role="value">{show(value()?.value)}</span>
        <Show when={kpi()?.unit}>
          <span class="unit">{kpi()?.unit}</span>
        </Show>
      </p>
      <div class="past">
        <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
          <path d={line()} />
        </svg>
        <span class="at">{at()}</span>
      </div>
      <footer>
        <Show
          when={props.compare.length > 0}
          fallback={
            <span>{about()}</span>
          }
        >
          <ul class="compare">
            <For each={props.compare}>
              {(code) => {
                const other = () => props.board.values[key(props.kpi, code)]
                return (
                  <li data-state={other()?.state ?? 'no_data'}>
                    <span>{props.board.centres.find((c) => c.code === code)?.short[props.lang]}</span>
                    <b>{show(other()?.value)}</b>
                  </li>
                )
              }}
            </For>
          </ul>
        </Show>
      </footer>
    </article>
  )
}
