import { createEffect, createMemo, createSignal, For, Show } from 'solid-js'

import { ask } from '../ask'
import { type Boundary, heat, wound } from '../map/geometry'
import { ProvinceMap, type Seat } from '../map/ProvinceMap'
import { address, createAnswer } from './api'
import { key } from './board'
import { shortName, useConsole } from './context'
import { CentreChoice, Choice, Health } from './List'
import { Chip } from './marks'
import type { Place, PlaceList } from './wire'

/** How many places that stand on one spot are listed. */
const listed = 40

/** Signs grow with the type around them: on a 4K screen that is not scaled they would be specks. */
const enlarged = () => Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16)

/** The map with its filters. */
export function MapTab() {
  const c = useConsole()
  const w = () => c.words()
  const answer = createAnswer<PlaceList>(() => address('/api/v1/places', { centre: c.route.get('centre') }), c.lang, 10_000, 'id')
  const [boundary, setBoundary] = createSignal<Boundary | null>(null)
  const [chosen, choose] = createSignal<Place[]>([])
  const [error, setError] = createSignal('')
  let asked = false
  createEffect(() => {
    if (!answer.data()?.boundary || asked) return
    asked = true
    ask<Boundary>('/api/v1/boundary', { lang: c.lang() })
      .then((b) => setBoundary(wound(b)))
      .catch((e: unknown) => setError(e instanceof Error ? e.message : String(e)))
  })
  const places = createMemo(() => (answer.data()?.places ?? []).filter((p) => !c.route.get('kind') || p.kind === c.route.get('kind')))
  const raised = createMemo(() => Object.values(c.model.board.alarms).filter((a) => a.state === 'raised' && a.parent === undefined))
  const alarmed = createMemo(() => new Set(raised().flatMap((a) => (a.source ? [a.source] : []))))
  const kpi = () => c.model.board.kpis.find((k) => k.id === c.route.get('heat'))
  const seats = createMemo((): Seat[] => {
    // The seat of the province is in one of its towns: its name would lie over that of the town.
    const all = c.model.board.centres
    const shown = all.filter((x) => !all.some((y) => y.parent === x.code && y.lat === x.lat && y.lon === x.lon))
    const k = kpi()
    const values = shown.map((x) => (k ? (c.model.board.values[key(k.id, x.code)]?.value ?? null) : null))
    const shades = heat(values)
    return shown.map((centre, i) => ({
      centre,
      name: centre.short[c.lang()],
      alarms: raised().filter((a) => a.centre === centre.code).length,
      heat: k ? { label: `${c.count(values[i], k.decimals)} ${values[i] == null ? '' : k.unit}`, shade: shades[i] ?? 0 } : null,
    }))
  })
  const stateWord = (state: string) => (w().device as Record<string, string>)[state] ?? (state === 'overdue' ? w().overdue : w().open)
  const name = (p: Place) => (p.kind === 'ticket' ? p.id : shortName(p.id))
  const open = (p: Place) => {
    choose([])
    c.route.open(p.kind === 'ticket' ? { ticket: p.id } : { source: p.id })
  }
  return (
    <section class="map-tab" data-list={answer.of()}>
      <div class="tools">
        <Choice name="kind" label={w().map.show} none={`${w().columns.kind}: ${w().all.toLowerCase()}`} of={Object.entries(w().map.kinds)} />
        <CentreChoice />
        <Choice name="heat" label={w().map.heat} none={w().map.noHeat} of={c.model.board.kpis.map((k) => [k.id, k.name[c.lang()]])} />
        <ul class="legend">
          <For each={['silent', 'offline', 'degraded', 'online', 'overdue', 'open']}>{(s) => <li><Chip state={s} label={stateWord(s)} /></li>}</For>
        </ul>
      </div>
      <Health answer={answer} />
      <Show when={error()}>
        <p class="banner bad" role="alert">{w().failed(error())}</p>
      </Show>
      <ProvinceMap
        places={places()}
        seats={seats()}
        alarmed={alarmed()}
        boundary={boundary()}
        scale={enlarged()}
        open={open}
        choose={choose}
        words={{
          label: w().map.label,
          zoomIn: w().map.zoomIn,
          zoomOut: w().map.zoomOut,
          whole: w().map.whole,
          one: (p) => `${w().map.kinds[p.kind] ?? p.kind} ${name(p)}: ${stateWord(p.state)}`,
          many: (x) => w().map.cluster(c.count(x.spots.length), stateWord(x.state)),
          km: (n) => `${c.count(n, n < 1 ? 1 : 0)} km`,
          alarms: (n) => `${c.count(n)} ${w().map.alarm.toLowerCase()}`,
        }}
      />
      <Show when={chosen().length > 0}>
        <div class="chosen">
          <h2>{w().map.members(c.count(chosen().length))}</h2>
          <ul>
            <For each={chosen().slice(0, listed)}>
              {(p) => (
                <li>
                  <button type="button" onClick={() => { open(p) }}>{name(p)}</button> <Chip state={p.state} label={stateWord(p.state)} />
                </li>
              )}
            </For>
          </ul>
          <Show when={chosen().length > listed}>
            <p class="quiet">{w().map.more(c.count(chosen().length - listed))}</p>
          </Show>
        </div>
      </Show>
      <p class="quiet">
        {[
          boundary() ? '' : w().map.schematic,
          answer.data()?.homeless ? w().map.homeless(c.count(answer.data()?.homeless)) : '',
          answer.data()?.left_out ? w().map.leftOut(c.count(answer.data()?.left_out)) : '',
        ].filter(Boolean).join(' · ')}
      </p>
    </section>
  )
}
