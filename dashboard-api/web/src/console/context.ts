import { createContext, useContext } from 'solid-js'

import type { Lang } from '../format'
import { moment, number } from '../format'
import type { Model } from './board'
import type { Duty } from './duty'
import type { Route } from './route'
import { ago, type Words } from './text'

/** What every part of the console needs. */
export interface Console {
  route: Route
  model: Model
  duty: Duty
  lang: () => Lang
  words: () => Words
}

const Context = createContext<Console>()
export const ConsoleProvider = Context.Provider

export function useConsole() {
  const c = useContext(Context)
  if (!c) throw new Error('outside of the console')
  return {
    ...c,
    /** A count, or a dash where there is none. */
    count: (n: number | null | undefined, decimals = 0) => (n == null ? '–' : number(n, decimals, c.lang())),
    at: (t: string | Date | null | undefined) => (t ? moment(new Date(t), c.model.now(), c.lang()) : '–'),
    ago: (t: string | null | undefined) => (t ? ago(new Date(t), c.model.now(), c.words()) : c.words().never),
    centre: (code: string) => c.model.centre(code)?.short[c.lang()] ?? code,
  }
}

/** The last part of a source's name: the rest is said by the columns beside it. */
export const shortName = (source: string) => source.slice(source.lastIndexOf('/') + 1)

/** The path of a source's hour. */
export const hourPath = (source: string) => `/api/v1/sources${source.split('/').map(encodeURIComponent).join('/')}`
