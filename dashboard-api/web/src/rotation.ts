import type { Show } from './wire'

/** One scene in its turn, shown for so many ms. */
export interface Turn {
  scene: string
  ms: number
}

/** Which scene is shown, and for how long still. Time is an argument, in ms. */
export class Rotation {
  private index: number
  private since: number
  private pausedAt: number | null = null

  constructor(
    private readonly turns: Turn[],
    start: number,
    pinned: boolean,
    now: number,
  ) {
    this.index = start
    this.since = now
    if (pinned) this.pausedAt = now
  }

  get paused(): boolean {
    return this.pausedAt !== null
  }

  get current(): number {
    return this.index
  }

  /** Moves on when the time of a scene is over. Returns the share of its time that has passed. */
  tick(now: number): number {
    if (this.pausedAt !== null || this.turns.length < 2) return 0
    if (now - this.since >= this.time) this.step(1, now)
    return Math.min(1, (now - this.since) / this.time)
  }

  step(by: number, now: number): void {
    this.jump((this.index + by + this.turns.length) % this.turns.length, now)
  }

  /** Shows one scene, for a whole turn. A scene that is not there changes nothing. */
  jump(index: number, now: number): void {
    if (!this.turns[index]) return
    this.index = index
    this.since = now
  }

  toggle(now: number): void {
    this.pause(this.pausedAt === null, now)
  }

  private pause(yes: boolean, now: number): void {
    this.pausedAt = yes ? now : null
    this.since = now
  }

  /** Does what a key stands for, and tells whether it stands for anything. The digits jump to the first ten scenes. */
  key(key: string, now: number): boolean {
    if (key === 'ArrowRight' || key === 'PageDown') this.step(1, now)
    else if (key === 'ArrowLeft' || key === 'PageUp') this.step(-1, now)
    else if (key === 'Home') this.jump(0, now)
    else if (key === 'End') this.jump(this.turns.length - 1, now)
    else if (key === ' ') this.toggle(now)
    else if (/^[0-9]$/.test(key)) this.jump((Number(key) + 9) % 10, now)
    else return false
    return true
  }

  /** Does what the server tells. */
  obey(show: Show, now: number): void {
    if (show.scene) this.jump(this.turns.findIndex((t) => t.scene === show.scene), now)
    this.pause(show.paused, now)
  }

  private get time(): number {
    return this.turns[this.index]?.ms ?? Infinity
  }
}
