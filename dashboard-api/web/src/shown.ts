import type { Accessor } from 'solid-js'
import { createContext, createEffect, on, onCleanup, untrack, useContext } from 'solid-js'

import { useWall } from './context'
import type { Line } from './history'

/** Whether the scene around can be seen. What can't is not drawn. */
export const Shown = createContext<Accessor<boolean>>(() => true)

export const useShown = () => useContext(Shown)

/** The line of a KPI of a centre, which is fetched before others while it can be seen. */
export function useLine(kpi: string, centre: string, span: number, step?: number): Line {
  const { board } = useWall()
  const shown = useShown()
  const line = untrack(() => board.history.line(kpi, centre, span, step))
  let counted = 0
  const count = (n: number) => {
    line.seen += n - counted
    counted = n
  }
  createEffect(on(shown, (yes) => {
    count(yes ? 1 : 0)
  }))
  onCleanup(() => {
    count(0)
  })
  return line
}
