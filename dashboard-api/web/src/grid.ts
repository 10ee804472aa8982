import type { DeviceCounts, DeviceState } from './wire'

/** All states of a device, the worst first. */
export const deviceStates: readonly DeviceState[] = ['silent', 'offline', 'degraded', 'online']

/** No device at all. */
export const none: DeviceCounts = { silent: 0, offline: 0, degraded: 0, online: 0 }

/** The side of the largest square cells of which n fit into a box. */
export function cellSize(n: number, width: number, height: number, largest: number): number {
  if (n === 0 || width <= 0 || height <= 0) return 0
  let side = Math.min(largest, Math.floor(Math.sqrt((width * height) / n)))
  while (side > 1 && Math.floor(width / side) * Math.floor(height / side) < n) side--
  return side
}

/** One path for the cells of each state, the worst first: crosses, diamonds, triangles and dots, told apart by their form. */
export function cells(by: DeviceCounts, width: number, height: number): Record<DeviceState, string> {
  const all = deviceStates.reduce((n, state) => n + by[state], 0)
  const side = cellSize(all, width, height, 44)
  const row = Math.max(1, Math.floor(width / Math.max(1, side)))
  const out: Record<DeviceState, string> = { silent: '', offline: '', degraded: '', online: '' }
  let i = 0
  for (const state of deviceStates) {
    for (let n = 0; n < by[state]; n++, i++) {
      const x = (i % row) * side
      const y = Math.floor(i / row) * side
      out[state] += shape(state, x + side / 2, y + side / 2, side * 0.34)
    }
  }
  return out
}

function shape(state: DeviceState, x: number, y: number, r: number): string {
  const f = (n: number) => n.toFixed(1)
  switch (state) {
    case 'silent':
      return `M${f(x - r)} ${f(y - r)}l${f(2 * r)} ${f(2 * r)}m0 ${f(-2 * r)}l${f(-2 * r)} ${f(2 * r)}`
    case 'offline':
      return `M${f(x)} ${f(y - r)}l${f(r)} ${f(r)}l${f(-r)} ${f(r)}l${f(-r)} ${f(-r)}z`
    case 'degraded':
      return `M${f(x)} ${f(y - r)}l${f(r)} ${f(2 * r)}h${f(-2 * r)}z`
    case 'online':
      return `M${f(x - r * 0.7)} ${f(y)}a${f(r * 0.7)} ${f(r * 0.7)} 0 1 0 ${f(r * 1.4)} 0a${f(r * 0.7)} ${f(r * 0.7)} 0 1 0 ${f(-r * 1.4)} 0`
  }
}
