import '../map/map.css'

import { createMemo, createSignal, onCleanup, onMount } from 'solid-js'

import { ask } from '../ask'
import type { Place, PlaceList } from '../console/wire'
import { useKPI, useWall } from '../context'
import { number } from '../format'
import { type Boundary, heat, wound } from '../map/geometry'
import { ProvinceMap, type Seat } from '../map/ProvinceMap'
import { useShown } from '../shown'
import type { Widget } from '../wire'
import { Panel } from './Panel'

const every = 15_000
/** What is legible at a desk is too small on a wall. */
const enlarged = 1.6

/** The map of the province: a KPI as heat, cameras, sensors and field reports by their state, and where alarms are. Nobody touches a wall, so it stands still. */
export function ProvinceWidget(props: { widget: Widget }) {
  const { board, lang, show, words } = useWall()
  const shown = useShown()
  const kpi = () => props.widget.kpi ?? ''
  const it = useKPI(kpi, () => '')
  const [places, setPlaces] = createSignal<Place[]>([])
  const [boundary, setBoundary] = createSignal<Boundary | null>(null)
  let asked = false
  // All of the wall is sized by the font of its root; a phone is held in the hand.
  const scale = window.innerWidth < 600 ? 1 : (parseFloat(getComputedStyle(document.documentElement).fontSize) / 16) * enlarged

  async function renew(): Promise<void> {
    const list = await ask<PlaceList>('/api/v1/places')
    setPlaces(list.places)
    if (!list.boundary || asked) return
    asked = true
    setBoundary(wound(await ask<Boundary>('/api/v1/boundary')))
  }
  onMount(() => {
    void renew().catch(() => undefined)
    const timer = setInterval(() => {
      if (shown() && board.connected() !== false) void renew().catch((error: unknown) => { console.warn('the places do not come; they are asked for again', error) })
    }, every)
    onCleanup(() => { clearInterval(timer) })
  })
  const raised = createMemo(() => board.alarms().filter((a) => a.state === 'raised'))
  const alarmed = createMemo(() => new Set(raised().flatMap((a) => (a.source ? [a.source] : []))))
  const seats = createMemo((): Seat[] => {
    // The seat of the province is in one of its towns: its name would lie over that of the town.
    const all = board.centres()
    const towns = all.filter((x) => !all.some((y) => y.parent === x.code && y.lat === x.lat && y.lon === x.lon))
    const values = towns.map((x) => board.value(kpi(), x.code)?.value ?? null)
    const shades = heat(values)
    return towns.map((centre, i) => ({
      centre,
      name: centre.short[lang()],
      alarms: raised().filter((a) => a.centre === centre.code).length,
      heat: { label: `${show(it.kpi(), values[i])} ${values[i] == null ? '' : it.unit()}`, shade: shades[i] ?? 0 },
    }))
  })
  return (
    <Panel widget={props.widget} title={props.widget.title?.[lang()] ?? it.name()} note={it.unit()}>
      <div class="province" role="img" aria-label={seats().map((s) => `${s.name} ${s.heat?.label ?? ''}`).join(', ')}>
        <div class="still" inert>
          <ProvinceMap
            places={places()} seats={seats()} alarmed={alarmed()} boundary={boundary()} scale={scale} open={() => undefined} choose={() => undefined}
            words={{
              label: it.name(), zoomIn: '', zoomOut: '', whole: '', one: (p) => p.id, many: (c) => number(c.spots.length, 0, lang()),
              km: (n) => `${number(n, n < 1 ? 1 : 0, lang())} km`, alarms: (n) => `${number(n, 0, lang())} ${words().state.alarm.toLowerCase()}`,
            }}
          />
        </div>
      </div>
    </Panel>
  )
}
