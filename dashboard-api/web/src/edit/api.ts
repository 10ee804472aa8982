import { ask } from '../ask'
import type { Lang } from '../format'
import type { Draft } from './model'

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

interface More {
  method?: string
  base?: number
  why?: string
  body?: string
  type?: string
}

/** Asks for a scene, or tells of one: what was the newest version then, and why. */
function scene<T>(lang: Lang, path: string, { base, why, type, ...more }: More = {}): Promise<T> {
  const headers = { ...(base === undefined ? {} : { 'If-Match': `"${base}"` }), ...(type === undefined ? {} : { 'Content-Type': type }) }
  const query = why === undefined ? '' : `?why=${encodeURIComponent(why)}`
  return ask<T>(`/api/v1/scenes/${path}${query}`, { ...more, lang, headers })
}

const at = (id: string) => encodeURIComponent(id)

export const versions = (lang: Lang, id: string) => scene<Versions>(lang, `${at(id)}/versions`)
export const version = (lang: Lang, id: string, n: number) => scene<Version>(lang, `${at(id)}/versions/${n}`)
export const save = (lang: Lang, draft: Draft, base: number, why: string) =>
  scene<Version>(lang, at(draft.id), { method: 'PUT', base, why, body: JSON.stringify(draft), type: 'application/json' })
export const importFile = (lang: Lang, id: string, file: string, base: number, why: string) =>
  scene<Version>(lang, at(id), { method: 'PUT', base, why, body: file, type: 'application/yaml' })
export const restore = (lang: Lang, id: string, n: number, base: number, why: string) =>
  scene<Version>(lang, `${at(id)}/versions/${n}/restore`, { method: 'POST', base, why })
export const remove = (lang: Lang, id: string, base: number, why: string) => scene<Version>(lang, at(id), { method: 'DELETE', base, why })
export const exportAddress = (id: string) => `/api/v1/scenes/${at(id)}/export`
