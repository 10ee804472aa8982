/** Which scene is shown, and for how long still. Time is an argument, in ms. */
export class Rotation {
  private index: number
  private since: number
  private pausedAt: number | null = null

  constructor(
    private readonly count: number,
    private readonly every: number,
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
    if (this.pausedAt !== null || this.count < 2) return 0
    if (now - this.since >= this.every) this.step(1, now)
    return Math.min(1, (now - this.since) / this.every)
  }

  step(by: number, now: number): void {
    this.index = (this.index + by + this.count) % this.count
    this.since = now
  }

  toggle(now: number): void {
    this.pausedAt = this.pausedAt === null ? now : null
    this.since = now
  }
}
