import type { Lang } from '../format'
import type { Text } from '../wire'
import type { Draft } from './model'

export interface Fault {
  line?: number
  field: string
  sentence: Text
}

export interface Version {
  id: string
  version: number
  at: string
  by: string
  why: string
  removed: boolean
  scene?: Draft
}

export interface Versions {
  id: string
  version: number
  shipped: boolean
  versions: Version[]
}

/** An answer of the server that says why not, and what is wrong in the scene. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly faults: Fault[],
  ) {
    super(detail)
  }
}

interface More {
  method?: string
  base?: number
  why?: string
  body?: string
  type?: string
}

/** Longest that a person is left waiting for an answer, in ms. */
const patience = 20_000

async function ask<T>(lang: Lang, path: string, more: More = {}): Promise<T> {
  const headers: Record<string, string> = { 'Accept-Language': lang }
  if (more.base !== undefined) headers['If-Match'] = `"${more.base}"`
  if (more.type !== undefined) headers['Content-Type'] = more.type
  const query = more.why === undefined ? '' : `?why=${encodeURIComponent(more.why)}`
  const answer = await fetch(`/api/v1/scenes/${path}${query}`, {
    method: more.method ?? 'GET', headers, signal: AbortSignal.timeout(patience), ...(more.body === undefined ? {} : { body: more.body }),
  })
  if (answer.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
  if (answer.ok) return (await answer.json()) as T
  const told = (await answer.json().catch(() => null)) as { detail?: string; faults?: Fault[] } | null
  throw new Refused(answer.status, told?.detail ?? `${answer.status} ${answer.statusText}`, told?.faults ?? [])
}

const at = (id: string) => encodeURIComponent(id)

export const versions = (lang: Lang, id: string) => ask<Versions>(lang, `${at(id)}/versions`)
export const version = (lang: Lang, id: string, n: number) => ask<Version>(lang, `${at(id)}/versions/${n}`)
export const save = (lang: Lang, scene: Draft, base: number, why: string) =>
  ask<Version>(lang, at(scene.id), { method: 'PUT', base, why, body: JSON.stringify(scene), type: 'application/json' })
export const importFile = (lang: Lang, id: string, file: string, base: number, why: string) =>
  ask<Version>(lang, at(id), { method: 'PUT', base, why, body: file, type: 'application/yaml' })
export const restore = (lang: Lang, id: string, n: number, base: number, why: string) =>
  ask<Version>(lang, `${at(id)}/versions/${n}/restore`, { method: 'POST', base, why })
export const remove = (lang: Lang, id: string, base: number, why: string) => ask<Version>(lang, at(id), { method: 'DELETE', base, why })
export const exportAddress = (id: string) => `/api/v1/scenes/${at(id)}/export`
