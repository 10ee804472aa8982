/** The path of a history line in a box of 100 × 30. Gaps stay gaps; a lone point becomes a dash. */
export function path(values: (number | null)[]): string {
  const known = values.filter((v) => v !== null)
  if (known.length === 0) return ''
  const lo = Math.min(...known)
  const hi = Math.max(...known)
  const x = (i: number) => round(values.length < 2 ? 50 : (i * 100) / (values.length - 1))
  const y = (v: number) => (hi === lo ? 15 : round(28 - ((v - lo) / (hi - lo)) * 26))
  let out = ''
  let drawing = false
  values.forEach((v, i) => {
    if (v === null) {
      drawing = false
      return
    }
    const lone = !drawing && (values[i + 1] ?? null) === null
    out += lone ? `M${x(i)} ${y(v)}h1` : `${drawing ? 'L' : 'M'}${x(i)} ${y(v)}`
    drawing = true
  })
  return out
}

function round(n: number): number {
  return Math.round(n * 10) / 10
}
