import type { Lang } from './format'
import type { Text } from './wire'

/** What is wrong in something that the server was told. */
export interface Fault {
  line?: number
  field: string
  sentence: Text
}

/** An answer of the server that says why not. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly faults: Fault[],
  ) {
    super(detail)
  }
}

export interface Question {
  /** Of the words in the answer; without it that of the browser. */
  lang?: Lang
  method?: string
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal
}

/** Longest that anybody is left waiting for an answer, in ms. */
const patience = 20_000

/** Asks the server, or tells it something. Who is no longer signed in is sent to do it. */
export async function ask<T>(path: string, { lang, signal, headers, ...more }: Question = {}): Promise<T> {
  const limit = AbortSignal.timeout(patience)
  const answer = await fetch(path, {
    ...more,
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    headers: { ...(lang ? { 'Accept-Language': lang } : {}), ...headers },
  })
  if (answer.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
  if (answer.ok) return (await answer.json()) as T
  const told = (await answer.json().catch(() => null)) as { detail?: string; faults?: Fault[] } | null
  throw new Problem(answer.status, told?.detail ?? `${answer.status} ${answer.statusText}`, told?.faults ?? [])
}
