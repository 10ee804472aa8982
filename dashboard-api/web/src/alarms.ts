import type { Alarm, AlarmPosition } from './wire'

/** The alarms that are not closed, as the stream of alarms tells of them. */
export class AlarmBook {
  private open = new Map<string, Alarm>()
  private epoch = ''
  private at = -1

  /** Told is called with what was raised, and nobody has been told of yet. */
  constructor(private readonly told: (fresh: Alarm[]) => void = () => undefined) {}

  /** Whether the server has told of alarms at all: before, nobody may say that there is none. */
  get known(): boolean {
    return this.epoch !== ''
  }

  /** How far the stream was read. */
  get offset(): number {
    return this.at
  }

  get position(): AlarmPosition {
    return this.known ? { epoch: this.epoch, offset: this.at } : {}
  }

  /** All of them by id, members and shelved ones too. */
  get alarms(): Record<string, Alarm> {
    return Object.fromEntries(this.open)
  }

  /** Begins anew with all that are open. */
  begin(epoch: string, offset: number, alarms: Alarm[]): void {
    const open = alarms.filter((a) => a.state !== 'closed')
    // At the first look all of them are news to nobody; after a gap, those that were raised in it are.
    const fresh = this.known ? open.filter((a) => this.isNews(a)) : []
    this.epoch = epoch
    this.at = offset
    this.open = new Map(open.map((a) => [a.id, a]))
    if (fresh.length > 0) this.told(fresh)
  }

  /** Takes one change. What was told before is not taken again. */
  take(epoch: string, offset: number, alarm: Alarm): boolean {
    if (epoch === this.epoch && offset <= this.at) return false
    const news = this.isNews(alarm)
    this.epoch = epoch
    this.at = offset
    if (alarm.state === 'closed') this.open.delete(alarm.id)
    else this.open.set(alarm.id, alarm)
    if (news) this.told([alarm])
    return true
  }

  /** The most urgent first, then the newest. Members of another alarm stand for themselves no more than once: in that one. */
  list(): Alarm[] {
    return [...this.open.values()]
      .filter((a) => !a.parent && a.state !== 'shelved')
      .sort((a, b) => rank(a) - rank(b) || a.priority - b.priority || Date.parse(b.raised_at) - Date.parse(a.raised_at))
  }

  /** Raised, or raised again. What hangs on another alarm is no news beside it. */
  private isNews(now: Alarm): boolean {
    return now.state === 'raised' && now.parent === undefined && this.open.get(now.id)?.state !== 'raised'
  }
}

/** Alarms whose condition is gone stand below those that go on. */
const rank = (a: Alarm) => (a.state === 'cleared' ? 1 : 0)

/** The alarm that takes a wall over: the first of priority 1 that nobody has acknowledged. */
export const urgent = (alarms: Alarm[]): Alarm | null => alarms.find((a) => a.priority === 1 && a.state === 'raised') ?? null
