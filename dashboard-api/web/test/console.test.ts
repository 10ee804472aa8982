import { describe, expect, it } from 'vitest'

import { AlarmBook } from '../src/alarms'
import { actions, admitted, sorted } from '../src/console/alarms'
import { command } from '../src/console/keys'
import { filtered, format, opened, parse } from '../src/console/route'
import { mutedUntil, tones } from '../src/console/sound'
import { ago, span, text, topic } from '../src/console/text'
import type { Alarm, AlarmState } from '../src/console/wire'
import type { Frame } from '../src/wire'

type AlarmFrame = Extract<Frame, { type: 'alarm' | 'alarms' }>

const alarm = (id: string, state: AlarmState = 'raised', more: Partial<Alarm> = {}): Alarm => ({
  id, state, kind: 'camera', cause: '', centre: 'dong-xoai', domain: 'camera', priority: 2, title: { vi: id, en: id },
  raised_at: '2026-10-05T01:00:00Z', changed_at: '2026-10-05T01:00:00Z', members: 1, ...more,
})
const change = (offset: number, a: Alarm, epoch = 'e1'): AlarmFrame => ({ type: 'alarm', epoch, offset, alarm: a })
const all = (offset: number, alarms: Alarm[], epoch = 'e1'): AlarmFrame => ({ type: 'alarms', epoch, offset, alarms })

/** Reads frames one after the other; returns what was new at each, and what stands at the end. */
function read(frames: AlarmFrame[]) {
  const told: string[] = []
  const book = new AlarmBook((fresh) => told.push(...fresh.map((a) => a.id)))
  const news = frames.map((f) => {
    if (f.type === 'alarms') book.begin(f.epoch, f.offset, f.alarms)
    else book.take(f.epoch, f.offset, f.alarm)
    return told.splice(0)
  })
  return { news, book }
}

describe('the book of alarms', () => {
  it('tells of what is raised after the first look, and of nothing before it', () => {
    const { news, book } = read([all(7, [alarm('a')]), change(8, alarm('b')), change(9, alarm('b', 'acknowledged')), change(10, alarm('a', 'closed'))])
    expect(news).toEqual([[], ['b'], [], []])
    expect(Object.keys(book.alarms)).toEqual(['b'])
    expect(book.offset).toBe(10)
  })

  it('takes each change once, whatever comes again', () => {
    const { news, book } = read([all(7, []), change(8, alarm('a')), change(9, alarm('a', 'acknowledged')), change(8, alarm('a'))])
    expect(news).toEqual([[], ['a'], [], []])
    expect(book.alarms['a']?.state).toBe('acknowledged')
  })

  it('tells of one that is raised again', () => {
    expect(read([all(1, []), change(2, alarm('a')), change(3, alarm('a', 'cleared')), change(4, alarm('a'))]).news).toEqual([[], ['a'], [], ['a']])
  })

  it('after a gap tells of what was raised in it, also when the server began anew', () => {
    const { news, book } = read([all(50, [alarm('a'), alarm('b')]), all(3, [alarm('b'), alarm('c'), alarm('d', 'acknowledged')], 'e2'), change(4, alarm('e'), 'e2')])
    expect(news).toEqual([[], ['c'], ['e']])
    expect(Object.keys(book.alarms).sort()).toEqual(['b', 'c', 'd', 'e'])
  })

  it('tells nothing of what hangs on another alarm', () => {
    expect(read([all(1, []), change(2, alarm('m', 'raised', { parent: 'a' }))]).news).toEqual([[], []])
  })
})

it('puts first what somebody must look at first', () => {
  const list = [
    alarm('seen', 'acknowledged', { priority: 1 }), alarm('late', 'raised', { raised_at: '2026-10-05T02:00:00Z' }), alarm('low', 'raised', { priority: 4 }),
    alarm('early'), alarm('urgent', 'raised', { priority: 1 }), alarm('shelved', 'shelved', { priority: 1 }),
  ]
  expect(sorted(list).map((a) => a.id)).toEqual(['urgent', 'late', 'early', 'low', 'seen', 'shelved'])
  expect(admitted([...list, alarm('member', 'raised', { parent: 'early' })], { state: 'raised', priority: '2', centre: '', kind: 'camera' }).map((a) => a.id)).toEqual(['late', 'early'])
})

it('admits the alarms of one cause', () => {
  const list = [alarm('a', 'raised', { cause: 'gw-1' }), alarm('b', 'raised', { cause: 'gw-2' })]
  const by = (cause: string) => admitted(list, { state: '', priority: '', centre: '', kind: '', cause }).map((a) => a.id)
  expect([by('gw-2'), by('')]).toEqual([['b'], ['a', 'b']])
})

it('offers nothing for an alarm that is closed, and an end for each that is open', () => {
  expect(actions('closed')).toEqual([])
  for (const state of ['acknowledged', 'cleared'] as const) expect(actions(state)).toContain('close')
  expect(actions('raised')).toContain('acknowledge')
  expect(actions('shelved')).toContain('unshelve')
})

describe('the address', () => {
  it('comes back as it was written', () => {
    const place = parse('?tab=cameras&centre=dong-xoai&state=silent&text=cam%20%C4%91&source=%2Fdong-xoai%2Fcamera%2Fcam-1&nonsense=1')
    expect(place).toEqual({ tab: 'cameras', with: { centre: 'dong-xoai', state: 'silent', text: 'cam đ', source: '/dong-xoai/camera/cam-1' } })
    expect(parse(format(place))).toEqual(place)
  })

  it('that names no tab is that of alarms', () => {
    expect(parse('').tab).toBe('alarms')
    expect(parse('?tab=__proto__').tab).toBe('alarms')
  })

  it('goes back to the first page when a filter changes', () => {
    const place = parse('?tab=tickets&state=received&after=x1&ticket=PA-1')
    expect(filtered(place, { state: 'overdue' }).with).toEqual({ state: 'overdue', ticket: 'PA-1' })
    expect(filtered(place, { after: 'x2' }).with.after).toBe('x2')
    expect(filtered(place, { state: '' }).with).toEqual({ ticket: 'PA-1' })
  })

  it('has one thing open at a time, and keeps the filters', () => {
    const place = parse('?tab=search&text=cam&kpi=camera.offline&of=province&part=numerator')
    expect(opened(place, { source: '/a/b/c' }).with).toEqual({ text: 'cam', source: '/a/b/c' })
    expect(opened(place, {}).with).toEqual({ text: 'cam' })
  })
})

describe('keys', () => {
  const press = (key: string, more = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, ...more })

  it('do what the list of keys says', () => {
    expect(command(press('j'), false)).toEqual({ do: 'move', by: 1 })
    expect(command(press('ArrowUp'), false)).toEqual({ do: 'move', by: -1 })
    expect(command(press('7'), false)).toEqual({ do: 'tab', tab: 'map' })
    expect(command(press('8'), false)).toEqual({ do: 'tab', tab: 'statistics' })
    expect(command(press('9'), false)).toBeNull()
    expect(command(press('0'), false)).toBeNull()
    expect(command(press('?'), false)).toEqual({ do: 'help' })
    expect(command(press('n'), false)).toEqual({ do: 'duty' })
  })

  it('are typed in a field, but for Escape, and left to the browser with Ctrl', () => {
    expect(command(press('a'), true)).toBeNull()
    expect(command(press('/'), true)).toBeNull()
    expect(command(press('Escape'), true)).toEqual({ do: 'close' })
    expect(command(press('a', { ctrlKey: true }), false)).toBeNull()
  })
})

describe('sound', () => {
  const kept = (value: string | null) => ({ getItem: () => value })

  it('a mute ends by itself, and none lasts longer than the longest', () => {
    expect(mutedUntil(1000, kept('1001'))).toBe(1001)
    expect(mutedUntil(1001, kept('1001'))).toBe(0)
    expect(mutedUntil(0, kept(String(31 * 60_000)))).toBe(0)
    expect(mutedUntil(0, kept('nonsense'))).toBe(0)
    expect(mutedUntil(0, kept(null))).toBe(0)
  })

  it('is the more the more urgent it is', () => {
    expect([1, 2, 3, 4].map((p) => tones(p).length)).toEqual([3, 2, 1, 0])
  })
})

describe('words', () => {
  it('are all there in both languages', () => {
    const shape = (v: unknown): unknown => (typeof v === 'object' && v !== null && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, shape(x)])) : typeof v)
    // The names of fields are English already: there, only what reads better is renamed.
    const { fields, ...en } = text.en
    expect(shape(en)).toEqual(shape(Object.fromEntries(Object.entries(text.vi).filter(([name]) => name !== 'fields'))))
    for (const name of Object.keys(fields)) expect(text.vi.fields).toHaveProperty(name)
    expect(text.en.keys.map(([key]) => key)).toEqual(text.vi.keys.map(([key]) => key))
  })

  it('say how long ago something was', () => {
    const now = new Date('2026-10-05T10:00:00Z')
    const at = (ms: number) => ago(new Date(now.getTime() - ms), now, text.vi)
    expect([at(0), at(-3000), at(12_000), at(90_000), at(7_200_000), at(5 * 86_400_000)]).toEqual(['vừa xong', 'vừa xong', '12 giây trước', '2 phút trước', '2 giờ trước', '5 ngày trước'])
    expect(span(3_600_000, text.en)).toBe('1 h')
  })

  it('name topics that centres send as codes, and leave others as they are', () => {
    expect(topic('dat-dai', 'vi')).toBe('Đất đai')
    expect(topic('x-1', 'vi')).toBe('x-1')
  })
})
