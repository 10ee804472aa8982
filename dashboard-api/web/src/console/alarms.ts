import type { Frame } from '../wire'
import type { Alarm, AlarmState } from './wire'

export type AlarmFrame = Extract<Frame, { type: 'alarm' | 'alarms' }>

/** All alarms that are not closed, and how far the stream of changes was read. */
export interface Book {
  epoch: string
  offset: number
  alarms: Record<string, Alarm>
}

export const emptyBook = (): Book => ({ epoch: '', offset: 0, alarms: {} })

/** Puts a frame into the book. Returns the new book, and the alarms that nobody has been told of yet. */
export function take(book: Book, frame: AlarmFrame): { book: Book; fresh: Alarm[] } {
  if (frame.type === 'alarms') {
    const alarms = Object.fromEntries(frame.alarms.filter((a) => a.state !== 'closed').map((a) => [a.id, a]))
    // At the first look all of them are news to nobody; after a gap, those that were raised in it are.
    const fresh = book.epoch === '' ? [] : Object.values(alarms).filter((a) => isNews(book.alarms[a.id], a))
    return { book: { epoch: frame.epoch, offset: frame.offset, alarms }, fresh }
  }
  if (frame.epoch === book.epoch && frame.offset <= book.offset) return { book, fresh: [] }
  const { alarm } = frame
  const others = Object.entries(book.alarms).filter(([id]) => id !== alarm.id)
  const alarms = Object.fromEntries(alarm.state === 'closed' ? others : [...others, [alarm.id, alarm]])
  return {
    book: { epoch: frame.epoch, offset: frame.offset, alarms },
    fresh: isNews(book.alarms[alarm.id], alarm) ? [alarm] : [],
  }
}

/** Raised, or raised again. What hangs on another alarm is no news beside it. */
function isNews(before: Alarm | undefined, now: Alarm): boolean {
  return now.state === 'raised' && now.parent === undefined && before?.state !== 'raised'
}

const order: AlarmState[] = ['raised', 'acknowledged', 'cleared', 'shelved', 'closed']

/** What somebody must look at first comes first: by state, priority, and the newest. */
export function sorted(alarms: Alarm[]): Alarm[] {
  return [...alarms].sort(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) || a.priority - b.priority || Date.parse(b.raised_at) - Date.parse(a.raised_at) || (a.id < b.id ? -1 : 1),
  )
}

export interface AlarmFilter {
  state: string
  priority: string
  centre: string
  kind: string
}

/** Those that a filter admits, without the ones that hang on another. */
export function admitted(alarms: Alarm[], f: AlarmFilter): Alarm[] {
  return alarms.filter(
    (a) =>
      a.parent === undefined &&
      (!f.state || a.state === f.state) &&
      (!f.priority || String(a.priority) === f.priority) &&
      (!f.centre || a.centre === f.centre) &&
      (!f.kind || a.kind === f.kind),
  )
}

export type Action = 'acknowledge' | 'assign' | 'shelve' | 'unshelve' | 'close'

/** What may be done with an alarm in a state. The server has the last word. */
export function actions(state: AlarmState): Action[] {
  switch (state) {
    case 'raised':
      return ['acknowledge', 'assign', 'shelve']
    case 'acknowledged':
      return ['assign', 'shelve', 'close']
    case 'shelved':
      return ['unshelve', 'assign']
    case 'cleared':
      return ['acknowledge', 'close']
    case 'closed':
      return []
  }
}
