import type { Accessor } from 'solid-js'
import { createContext, useContext } from 'solid-js'

import type { Lang } from './format'
import { number } from './format'
import type { Board } from './store'
import { text } from './text'
import type { KPI, State, Value } from './wire'

export type Theme = 'dark' | 'light'

/** What all parts of the wall share. */
export interface WallContext {
  board: Board
  lang: Accessor<Lang>
  theme: Accessor<Theme>
  /** The centre at the top. */
  root: Accessor<string>
}

export const Context = createContext<WallContext>()

/** What all parts of the wall share, and how they say it. */
export function useWall() {
  const context = useContext(Context)
  if (!context) throw new Error('a part of the wall stands outside of it')
  const { board, lang } = context
  const words = () => text[lang()]
  const short = (code: string) => board.centres().find((c) => c.code === code)?.short[lang()] ?? code
  const show = (kpi: KPI | undefined, v: number | null | undefined) => (v == null ? '–' : number(v, kpi?.decimals ?? 0, lang()))
  return { ...context, words, short, show }
}

/** One KPI of one centre: what it is, and how it stands. */
export function useKPI(id: () => string, centre: () => string) {
  const wall = useWall()
  const kpi = (): KPI | undefined => wall.board.kpi(id())
  const value = (): Value | undefined => wall.board.value(id(), centre())
  const state = (): State => wall.board.state(id(), centre())
  return { kpi, value, state, shown: () => wall.show(kpi(), value()?.value), name: () => kpi()?.name[wall.lang()] ?? id(), unit: () => kpi()?.unit ?? '' }
}
