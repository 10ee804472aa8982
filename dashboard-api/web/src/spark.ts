import type { Track } from './track'

/** The path of a history line in a box of 100 × 30. Gaps stay gaps; a lone point becomes a dash. */
export function path(track: Track): string {
  let lo = Infinity
  let hi = -Infinity
  for (let i = 0; i < track.length; i++) {
    const v = track.value(i)
    if (v < lo) lo = v
    if (v > hi) hi = v
  }
  if (lo === Infinity) return ''
  const end = track.end - track.step
  const x = (i: number) => round(100 - ((end - track.at(i)) / track.span) * 100)
  const y = (v: number) => (hi === lo ? 15 : round(28 - ((v - lo) / (hi - lo)) * 26))
  let out = ''
  let drawing = false
  for (let i = 0; i < track.length; i++) {
    const v = track.value(i)
    if (Number.isNaN(v)) {
      drawing = false
      continue
    }
    const lone = !drawing && Number.isNaN(track.value(i + 1))
    out += lone ? `M${x(i)} ${y(v)}h-1` : `${drawing ? 'L' : 'M'}${x(i)} ${y(v)}`
    drawing = true
  }
  return out
}

function round(n: number): number {
  return Math.round(n * 10) / 10
}
