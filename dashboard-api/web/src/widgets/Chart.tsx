import 'uplot/dist/uPlot.min.css'

import { createEffect, on, onCleanup, onMount } from 'solid-js'
import uPlot from 'uplot'

import { useWall } from '../context'
import { date, number, time } from '../format'
import type { Line } from '../history'
import { useShown } from '../shown'
import { steady } from '../track'

interface Props {
  lines: Line[]
  kind: 'line' | 'bars'
  decimals: number
  /** What the values should reach, and on which side of it they are good. */
  target: { value: number; better: 'up' | 'down' | 'none' } | null
}

/** Dashes of the first, second and third line, in px of the design: told apart without colour. */
export const dashes = [[], [14, 8], [3, 7]]
const colours = ['--accent', '--ink', '--trace']

/** The width of the type of an axis, and what goes with it, in rem. */
const axis = { type: 1.375, height: 2.4, gap: 0.3 }

/** A chart of lines or bars, made once and redrawn only when its lines have changed and it can be seen. */
export function Chart(props: Props) {
  const { board, lang, theme } = useWall()
  const shown = useShown()
  let place: HTMLDivElement | undefined
  let chart: uPlot | null = null
  let scale: [number, number] | null = null
  let size = ''
  const colour = (name: string) => (place ? getComputedStyle(place).getPropertyValue(name).trim() : '')
  const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize)
  const first = () => props.lines[0]
  // A bar stands around its time.
  const half = () => (props.kind === 'bars' ? (first()?.track.step ?? 0) / 2 : 0)

  /** All lines over the same times, gaps as null: uPlot leaves them out. */
  function data(): uPlot.AlignedData {
    const track = first()?.track
    if (!track) return [[]]
    const now = board.now() / 1000
    const end = Math.floor(now / track.step) * track.step
    const n = Math.round(track.span / track.step)
    const xs = Array.from({ length: n + 1 }, (_, i) => end - (n - i) * track.step)
    const ys = props.lines.map((line) => {
      const row = new Array<number | null>(n + 1).fill(null)
      for (let i = 0; i < line.track.length; i++) {
        const at = n - Math.round((end - line.track.at(i)) / track.step)
        const v = line.track.value(i)
        if (at >= 0 && at <= n && !Number.isNaN(v)) row[at] = v
      }
      return row
    })
    return [xs, ...ys]
  }

  /** The ends of the scale of values. They stay as long as they fit, so that the lines don't jump. */
  function fit(ys: (number | null | undefined)[][]): [number, number] {
    let lo = Infinity
    let hi = -Infinity
    for (const row of ys) {
      for (const v of row) {
        if (v == null) continue
        lo = Math.min(lo, v)
        hi = Math.max(hi, v)
      }
    }
    if (props.kind === 'bars') lo = Math.min(lo, 0)
    if (props.target && hi !== -Infinity) {
      lo = Math.min(lo, props.target.value)
      hi = Math.max(hi, props.target.value)
    }
    return (scale = steady(scale, lo, hi))
  }

  /** The good side of the target as a band, and the target as its edge. */
  function drawTarget(u: uPlot): void {
    const { target } = props
    if (!target) return
    const { left, top, width, height } = u.bbox
    const y = u.valToPos(target.value, 'y', true)
    const { ctx } = u
    ctx.save()
    ctx.fillStyle = ctx.strokeStyle = colour('--ok')
    ctx.globalAlpha = 0.13
    if (target.better === 'up') ctx.fillRect(left, top, width, Math.max(0, y - top))
    if (target.better === 'down') ctx.fillRect(left, y, width, Math.max(0, top + height - y))
    ctx.globalAlpha = 0.9
    ctx.lineWidth = (rem() / 8) * devicePixelRatio
    ctx.setLineDash([rem() / 2, rem() / 2].map((d) => d * devicePixelRatio))
    ctx.beginPath()
    ctx.moveTo(left, y)
    ctx.lineTo(left + width, y)
    ctx.stroke()
    ctx.restore()
  }

  function options(width: number, height: number): uPlot.Options {
    const px = rem()
    const initialSpan = first()?.track.span ?? 0
    // Whole pixels: uPlot takes what stands before the point for no part of the number.
    const font = `${Math.round(axis.type * px)}px 'Inter Variable', sans-serif`
    const at = (s: number) => new Date(s * 1000)
    const shared = { font, stroke: () => colour('--muted'), ticks: { show: false } }
    return {
      width, height,
      legend: { show: false }, cursor: { show: false },
      tzDate: (s) => uPlot.tzDate(at(s), 'Asia/Ho_Chi_Minh'),
      padding: [px * 0.8, px * 1.4, 0, 0],
      scales: { x: { range: (_, lo, hi) => [lo - half(), hi + half()] }, y: { range: () => scale ?? [0, 1] } },
      axes: [
        {
          ...shared, size: axis.height * px, gap: axis.gap * px, space: 8 * px, grid: { show: false },
          values: (_, splits) => splits.map((s) => (initialSpan > 2 * 86_400 ? date(at(s), lang()) : time(at(s), lang(), initialSpan < 600))),
        },
        {
          ...shared, gap: 0.5 * px, space: 2.4 * px, size: (u, values) => 1.2 * px + widest(u, values, font),
          grid: { stroke: () => colour('--line'), width: px / 16 },
          values: (_, splits) => splits.map((v) => number(v, places(splits), lang())),
        },
      ],
      series: [
        {},
        ...props.lines.map((_, i) => ({
          stroke: () => colour(colours[i] ?? '--trace'),
          width: (px / 16) * 2.5,
          dash: (dashes[i] ?? []).map((d) => (d * px) / 16),
          points: { show: false },
          spanGaps: false,
          ...(props.kind === 'bars' && uPlot.paths.bars
            ? { paths: uPlot.paths.bars({ size: [0.7, Infinity] }), fill: () => colour('--trace'), width: 0, dash: [] }
            : {}),
        })),
      ],
      hooks: { drawClear: [drawTarget] },
    }
  }

  /** How many decimals tell the ticks of an axis apart. */
  function places(splits: number[]): number {
    const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0))
    return Math.min(3, Math.max(0, -Math.floor(Math.log10(step || 1) + 1e-9)))
  }

  function widest(u: uPlot, values: string[] | null, font: string): number {
    u.ctx.save()
    u.ctx.font = font
    const width = Math.max(0, ...(values ?? []).map((v) => u.ctx.measureText(v).width))
    u.ctx.restore()
    return width
  }

  function draw(): void {
    if (!place || !shown()) return
    // As it is laid out: in the editor of scenes it is drawn smaller than that.
    const box = { width: place.clientWidth, height: place.clientHeight }
    if (box.width < 20 || box.height < 20) return
    const all = data()
    fit(all.slice(1) as (number | null)[][])
    // Type and lines have the size of the page's: a chart of another size is another chart.
    const next = `${rem()}|${devicePixelRatio}`
    if (!chart || size !== next) {
      chart?.destroy()
      chart = new uPlot(options(box.width, box.height), all, place)
      size = next
      return
    }
    if (Math.abs(chart.width - box.width) > 1 || Math.abs(chart.height - box.height) > 1) chart.setSize(box)
    chart.setData(all)
  }

  onMount(() => {
    const resized = new ResizeObserver(draw)
    if (place) resized.observe(place)
    void document.fonts.ready.then(draw)
    onCleanup(() => {
      resized.disconnect()
      chart?.destroy()
    })
  })
  createEffect(on([() => props.lines.map((l) => l.version()), shown, lang, theme], draw))
  // Axes without a line say nothing that is true.
  const drawn = () => props.lines.some((l) => l.version() > 0 && !l.track.empty)
  const loaded = () => props.lines.every((l) => l.loaded())
  return <div class="chart" classList={{ empty: !drawn() }} data-loaded={loaded()} ref={place} aria-hidden="true" />
}
