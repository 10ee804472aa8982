/** A point in time: seconds, and a value or NaN for a gap. */
export interface Sample {
  at: number
  value: number
}

/** The steps of series that the server knows, in seconds, and that fall together with hours and days. */
const steps = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]

/** The step in which a span of so many seconds has at most about 360 points. */
export function stepOf(span: number): number {
  return steps.find((s) => span / s <= 360) ?? 86_400
}

/**
 * The values of a span that moves along with time, one for each step, in arrays that never grow: what is older falls out
 * at the front. A step without a value is a gap.
 */
export class Track {
  readonly times: Float64Array
  readonly values: Float64Array
  private count = 0

  constructor(
    readonly span: number,
    readonly step: number,
  ) {
    const size = Math.ceil(span / step) + 1
    this.times = new Float64Array(size)
    this.values = new Float64Array(size)
  }

  get length(): number {
    return this.count
  }

  /** The end of the newest step, or 0. */
  get end(): number {
    return this.count ? this.at(this.count - 1) + this.step : 0
  }

  at(i: number): number {
    return i < this.count ? (this.times[i] ?? NaN) : NaN
  }

  value(i: number): number {
    return i < this.count ? (this.values[i] ?? NaN) : NaN
  }

  /** Whether it holds nothing but gaps. */
  get empty(): boolean {
    for (let i = 0; i < this.count; i++) if (!Number.isNaN(this.value(i))) return false
    return true
  }

  /** Sets the value of the step that a time lies in. Steps between it and the newest one become gaps; one that is too old is nothing. */
  put(sample: Sample): void {
    const at = Math.floor(sample.at / this.step) * this.step
    if (this.count === 0) {
      this.push(at, sample.value)
      return
    }
    const newest = this.at(this.count - 1)
    if (at - newest > this.span) this.count = 0
    for (let t = newest + this.step; this.count > 0 && t < at; t += this.step) this.push(t, NaN)
    if (this.count === 0 || at > newest) {
      this.push(at, sample.value)
      return
    }
    const i = this.count - 1 - Math.round((newest - at) / this.step)
    if (i >= 0) this.values[i] = sample.value
  }

  private push(at: number, value: number): void {
    if (this.count === this.times.length) {
      this.times.copyWithin(0, 1)
      this.values.copyWithin(0, 1)
      this.count--
    }
    this.times[this.count] = at
    this.values[this.count] = value
    this.count++
  }
}

/** The ends of a scale that holds the values, with some room, and that stays as it is while they still fit well. */
export function steady(before: readonly [number, number] | null, lo: number, hi: number): [number, number] {
  if (!Number.isFinite(lo) || !Number.isFinite(hi)) return before ? [before[0], before[1]] : [0, 1]
  const room = hi > lo ? (hi - lo) * 0.15 : Math.max(1, Math.abs(hi) * 0.1)
  const fits = before && before[0] <= lo && before[1] >= hi && before[1] - before[0] <= 3 * (hi - lo + 2 * room)
  if (fits) return [before[0], before[1]]
  const down = lo - room
  return [lo >= 0 && down < 0 ? 0 : down, hi + room]
}
