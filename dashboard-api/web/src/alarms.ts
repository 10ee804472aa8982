import type { Alarm, AlarmPosition } from './wire'

/** The alarms that are not closed, as the stream of alarms tells of them. */
export class AlarmBook {
  private open = new Map<string, Alarm>()
  private epoch = ''
  private offset = -1

  /** Whether the server has told of alarms at all: before, nobody may say that there is none. */
  get known(): boolean {
    return this.epoch !== ''
  }

  get position(): AlarmPosition {
    return this.known ? { epoch: this.epoch, offset: this.offset } : {}
  }

  /** Begins anew with all that are open. */
  begin(epoch: string, offset: number, alarms: Alarm[]): void {
    this.epoch = epoch
    this.offset = offset
    this.open = new Map(alarms.filter((a) => a.state !== 'closed').map((a) => [a.id, a]))
  }

  /** Takes one change. What was told before is not taken again. */
  take(epoch: string, offset: number, alarm: Alarm): boolean {
    if (epoch === this.epoch && offset <= this.offset) return false
    this.epoch = epoch
    this.offset = offset
    if (alarm.state === 'closed') this.open.delete(alarm.id)
    else this.open.set(alarm.id, alarm)
    return true
  }

  /** The most urgent first, then the newest. Members of another alarm stand for themselves no more than once: in that one. */
  list(): Alarm[] {
    return [...this.open.values()]
      .filter((a) => !a.parent && a.state !== 'shelved')
      .sort((a, b) => rank(a) - rank(b) || a.priority - b.priority || Date.parse(b.raised_at) - Date.parse(a.raised_at))
  }
}

/** Alarms whose condition is gone stand below those that go on. */
const rank = (a: Alarm) => (a.state === 'cleared' ? 1 : 0)

/** The alarm that takes a wall over: the first of priority 1 that nobody has acknowledged. */
export const urgent = (alarms: Alarm[]): Alarm | null => alarms.find((a) => a.priority === 1 && a.state === 'raised') ?? null
