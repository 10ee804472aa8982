import type { Centre } from './wire'

/** One page of the wall: the KPIs of one centre, at most 12 so that each is legible from 5 m. */
export interface Scene {
  id: string
  centre: string
  kpis: string[]
  /** Centres whose values stand below the big number. */
  compare: string[]
}

const province = [
  'dossier.received', 'dossier.on_time_rate', 'dossier.overdue', 'service.connected',
  'hotline.waiting', 'hotline.service_level', 'ticket.on_time_rate', 'document.signed_rate',
  'camera.online_rate', 'traffic.flow', 'air.pm25', 'security.open',
  // Taken when one above is not in the catalogue.
  'economy.digital_share', 'hotline.calls',
]

const city = [
  'dossier.received', 'dossier.open', 'dossier.on_time_rate', 'dossier.overdue',
  'hotline.calls', 'hotline.waiting', 'ticket.overdue', 'document.signed_rate',
  'camera.offline', 'traffic.flow', 'traffic.speed', 'air.pm25',
  'weather.temp', 'weather.rain',
]

/** Tiles in a scene. */
export const tiles = 12

/** The scenes of the wall: the province, then each centre below it. */
export function scenes(centres: Centre[], known: Set<string>): Scene[] {
  const root = centres.find((c) => c.parent === '')
  if (!root) return centres.map((c) => scene(c.code, city, [], known))
  const below = centres.filter((c) => c.parent === root.code)
  return [
    scene(root.code, province, below.map((c) => c.code), known),
    ...below.map((c) => scene(c.code, city, [], known)),
  ]
}

function scene(centre: string, kpis: string[], compare: string[], known: Set<string>): Scene {
  return { id: centre, centre, kpis: kpis.filter((k) => known.has(k)).slice(0, tiles), compare }
}
