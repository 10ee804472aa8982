// A server of the wall that is made up: the built pages, and answers that are the same each time, from the shipped scenes and KPIs.
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'

import { parse } from 'yaml'

const here = new URL('.', import.meta.url).pathname
const dist = join(here, '../dist')
const schemas = join(here, '../../../schemas')

const files = (folder) => readdirSync(join(schemas, folder)).filter((f) => f.endsWith('.yaml')).map((f) => parse(readFileSync(join(schemas, folder, f), 'utf8')))

/** The target in force on the day of the pictures. */
function inForce(targets = []) {
  const day = '2026-11-23'
  const t = targets.findLast((x) => x.from <= day && (!x.until || day < x.until))
  return t ? { value: t.value, by: t.by ? `${t.by}T00:00:00+07:00` : null, source: t.source } : null
}

export const kpis = files('kpi/catalogue').map((k) => ({
  id: k.id, name: k.name, description: k.description, unit: k.unit ?? '', decimals: k.decimals ?? 0, better: k.better, window: k.window ?? '',
  formula: { kind: k.formula.kind, of: k.formula.of ?? '' }, stale_after_seconds: k.stale_after ? 900 : 0, values: [],
  target: inForce(k.targets),
}))

const hours = { '1h': 1, '6h': 6, '24h': 24, '168h': 168, '720h': 720 }
export const scenes = files('scene/scenes').map((s) => ({
  ...s, widgets: s.widgets.map(({ span, ...w }) => ({ ...w, ...(span ? { seconds: hours[span] * 3600 } : {}) })),
}))
export const walls = files('scene/walls').map((w) => ({
  id: w.id, name: w.name, diagonal_inches: w.screen.diagonal, distance_metres: w.screen.distance, take_over: w.take_over ?? true, scenes: w.scenes,
}))

// Kinds that no shipped scene has, on a scene of their own.
const spare = { vi: 'Các phần khác', en: 'Other widgets' }
scenes.push({
  id: 'spare', name: spare, columns: 12, rows: 15, widgets: [
    { kind: 'clock', x: 1, y: 1, w: 3, h: 4 },
    { kind: 'map', x: 4, y: 1, w: 5, h: 5, kpi: 'air.pm25' },
    { kind: 'text', x: 9, y: 1, w: 4, h: 5, title: spare, text: { vi: 'Trực ban: 0271 3 1022\nNghỉ lễ từ ngày 30/4', en: 'On duty: 0271 3 1022\nHoliday from 30 April' } },
    { kind: 'trend', x: 1, y: 6, w: 6, h: 5, kpi: 'hotline.waiting', centre: 'dong-xoai', seconds: 60 },
    { kind: 'ranking', x: 7, y: 6, w: 6, h: 5, kpi: 'hotline.wait', centres: ['dong-xoai', 'phuoc-long', 'binh-long'] },
    { kind: 'status', x: 1, y: 11, w: 12, h: 3, of: 'camera', centre: 'binh-long' },
    { kind: 'ticker', x: 1, y: 14, w: 12, h: 2, kpis: ['weather.temp', 'weather.rain'] },
  ],
})
walls.find((w) => w.id === 'main').scenes.push({ scene: 'spare', seconds: 20 })

const seats = { province: [11.5349, 106.883], 'dong-xoai': [11.5349, 106.883], 'phuoc-long': [11.8167, 106.9833], 'binh-long': [11.65, 106.6] }
const place = (code, parent, vi, en) => ({ code, parent, lat: seats[code][0], lon: seats[code][1], name: { vi, en }, short: { vi: vi.replace(/^(Tỉnh|Thành phố|Thị xã) /, ''), en: en.replace(/ (province|city|town)$/, '') } })
export const centres = [
  place('province', '', 'Tỉnh Bình Phước', 'Binh Phuoc province'), place('dong-xoai', 'province', 'Thành phố Đồng Xoài', 'Dong Xoai city'),
  place('phuoc-long', 'province', 'Thị xã Phước Long', 'Phuoc Long town'), place('binh-long', 'province', 'Thị xã Bình Long', 'Binh Long town'),
]

/** A number from 0 to 1 that belongs to a text. */
export function chance(text) {
  let h = 2166136261
  for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 16777619)
  return ((h >>> 0) % 10_007) / 10_007
}

/** What a KPI of a centre is at a time, in a day that looks like one. */
function calm(k, centre, at) {
  const hour = ((at / 3600 + 7) % 24 + 24) % 24
  const rush = Math.exp(-((hour - 8) ** 2) / 8) + Math.exp(-((hour - 16) ** 2) / 8)
  const noise = chance(`${k.id}${centre}${Math.floor(at / 600)}`)
  const size = centre === 'province' ? 3 : 0.6 + chance(k.id + centre)
  const round = (v) => Number(v.toFixed(k.decimals))
  if (k.id === 'index.dti') return 612.4
  if (k.id === 'index.766') return 78.3
  if (k.id === 'economy.digital_share') return 17.6
  if (k.unit === '%') return round(Math.min(100, 91 + 6 * chance(k.id) + 2 * noise - rush))
  if (k.unit === 'xe/h') return round(size * (180 + 900 * rush + 60 * noise))
  if (k.unit === 'km/h') return round(46 - 12 * rush + 3 * noise)
  if (k.unit === 'm') return round(3.2 + 0.4 * Math.sin(at / 40_000) + 0.05 * noise)
  if (k.unit === '°C') return round(25 + 5 * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + noise)
  if (k.unit === 'µg/m³') return round(14 + 8 * rush + 5 * noise)
  if (k.unit === 'h') return round(30 + 8 * noise)
  return round(size * (2 + 9 * rush + 3 * noise))
}

const iso = (s) => new Date(s * 1000).toISOString()
const states = ['ok', 'warning', 'alarm', 'stale', 'no_data']
const feedStates = ['alive', 'late', 'silent']
const deviceStates = ['silent', 'offline', 'degraded', 'online']

/**
 * All answers at one moment. Mood "calm" is an ordinary day with one thing wrong, "worst" has the longest values and every state.
 */
export function world(mood, now) {
  const worst = mood === 'worst'
  const at = new Date(now).toISOString()
  const values = kpis.flatMap((k, i) => centres.map((c, j) => {
    let state = 'ok'
    let value = calm(k, c.code, now / 1000)
    if (worst) {
      state = states[(i + j) % states.length]
      value = state === 'no_data' ? null : k.unit === '%' ? 100 : k.unit === 'xe/h' ? 28888 : k.decimals ? 188.8 : 28888
    } else if (k.id === 'ticket.overdue' && (c.code === 'province' || c.code === 'phuoc-long')) {
      state = 'warning'
    } else if (k.formula.kind === 'figure' && k.id !== 'economy.digital_share') {
      state = 'no_data'
      value = null
    }
    return { kpi: k.id, centre: c.code, value, state, at: value === null ? null : at, numerator: value === null ? null : 28888, denominator: k.unit === '%' && value !== null ? 28888 : null }
  }))
  const feeds = centres.flatMap((c, i) => ['service', 'camera', 'sensor'].map((domain, j) => {
    const state = worst ? feedStates[(i + j) % 3] : c.code === 'binh-long' && domain === 'sensor' ? 'late' : 'alive'
    const seen = worst && i === 1 ? null : at
    return { centre: c.code, domain, state, interval_seconds: 60, newest_arrival: seen, newest_event: seen, sources: 1, silent_sources: 0, rejected_hour: 0 }
  }))
  const alarm = (id, priority, centre, vi, en, more = {}) => ({
    id, kind: 'kpi', cause: id, centre, domain: 'service', priority, state: 'raised', title: { vi, en }, members: 1, raised_at: iso(now / 1000 - 600 * priority), changed_at: at, ...more,
  })
  const alarms = [
    alarm('a2', 2, 'phuoc-long', 'Phản ánh quá hạn vượt ngưỡng', 'Overdue reports above the bound', { kpi: 'ticket.overdue', value: 12, bound: 10 }),
    ...(worst
      ? Array.from({ length: 9 }, (_, i) => alarm(`w${i}`, (i % 3) + 2, 'dong-xoai', `Trạm thu nhận số liệu môi trường số ${i} mất tín hiệu`, `Environment gateway number ${i} has gone silent`, { members: 200, state: ['raised', 'acknowledged', 'cleared'][i % 3] }))
      : [alarm('a3', 3, 'binh-long', 'Nguồn cảm biến gửi chậm', 'Sensor feed is late', { kind: 'feed', domain: 'sensor', state: 'acknowledged' })]),
  ]
  return { values, feeds, alarms, at, now, worst }
}

/** An alarm that takes the wall over. */
export const urgent = (w) => ({
  id: 'u1', kind: 'camera', cause: 'gateway', centre: 'dong-xoai', domain: 'camera', priority: 1, state: 'raised', members: 200,
  title: { vi: 'Cổng camera quốc lộ 14 mất tín hiệu', en: 'Camera gateway of national road 14 is down' }, source: '/dong-xoai/camera/gateway-14',
  raised_at: w.at, changed_at: w.at, kpi: 'camera.online_rate', value: 61.5, bound: 90, unit: '%',
})

function series(w, kpi, query) {
  const step = Number(query.get('step'))
  const from = Date.parse(query.get('from')) / 1000
  const to = Date.parse(query.get('to')) / 1000
  const k = kpis.find((x) => x.id === kpi)
  const points = []
  for (let t = from; t < to; t += step) {
    // A gap of two steps each 50, to be seen as one.
    const gap = Math.floor(t / step) % 50 < 2
    points.push({ at: iso(t), value: gap ? null : calm(k, query.get('centre'), t), numerator: null, denominator: null })
  }
  return { kpi, centre: query.get('centre'), unit: k.unit, step_seconds: step, points }
}

/** How many devices stand how. Without a centre: of all. */
function devices(w, domain, centre) {
  const out = { silent: 0, offline: 0, degraded: 0, online: 0 }
  for (const c of centres.filter((x) => x.code !== 'province' && (!centre || centre === 'province' || x.code === centre))) {
    const n = domain === 'camera' ? 193 : 24
    const state = (i) => (w.worst ? deviceStates[i % 4] : i % 41 === 7 ? 'silent' : i % 53 === 5 ? 'offline' : i % 37 === 5 ? 'degraded' : 'online')
    for (let i = 0; i < n; i++) out[state(i + c.code.length)]++
  }
  return { devices: [], counts: out, total: 0, next: '' }
}

const agencies = ['Sở Tài nguyên và Môi trường', 'Sở Giao thông vận tải', 'Sở Y tế', 'Sở Tư pháp', 'Sở Kế hoạch và Đầu tư', 'Sở Xây dựng']
const table = {
  scorecard: { name: { vi: 'Tiêu chí số hoá', en: 'Digitisation criteria' }, points: 100 },
  units: agencies.map((name, i) => ({ unit: `u${i}`, name: { vi: name, en: name }, short: { vi: name, en: name }, share: 98.4 - 3.3 * i, rank: i + 1 })),
}

/** Cameras around the towns. */
function places(w) {
  return ['dong-xoai', 'phuoc-long', 'binh-long'].flatMap((centre) => Array.from({ length: w.worst ? 120 : 24 }, (_, i) => {
    const id = `/${centre}/camera/${i}`
    const at = (axis) => seats[centre][axis] + (chance(id + axis) - 0.5) * 0.12
    return { kind: 'camera', id, centre, state: w.worst ? deviceStates[i % 4] : i % 11 === 3 ? 'offline' : 'online', lat: at(0), lon: at(1), at: w.at }
  }))
}

/** Answers a question of the page. */
export function answer(w, url) {
  const { pathname, searchParams } = new URL(url)
  const part = pathname.split('/').slice(3).map(decodeURIComponent) // behind /api/v1/
  switch (part[0]) {
    case 'kpis':
      return part[2] === 'series' ? series(w, part[1], searchParams) : { kpis }
    case 'centres':
      return { centres }
    case 'scenes':
      return { scenes: w.scenes ?? scenes }
    case 'walls':
      return { walls }
    case 'cameras':
    case 'sensors':
      return devices(w, part[0].slice(0, -1), searchParams.get('centre'))
    case 'scorecards':
      return table
    case 'places':
      return { places: places(w), left_out: 0, homeless: 0, boundary: false }
  }
  return null
}

/** Makes a page talk to a made-up world. Returns what speaks over the live channel. */
export async function inhabit(page, w, answerOf = answer) {
  const sockets = []
  let told = null
  let shows = 0
  if (!w.runs) await page.clock.setFixedTime(w.now)
  await page.route('**/api/v1/**', (r) => {
    const json = answerOf(w, r.request().url())
    return json ? r.fulfill({ json }) : r.fulfill({ status: 404, json: {} })
  })
  await page.routeWebSocket('**/api/v1/live', (socket) => {
    const send = (frame) => { socket.send(JSON.stringify(frame)) }
    sockets.push({ send, close: () => { socket.close() } })
    send({ type: 'hello', build: w.build ?? 'x', epoch: w.epoch ?? 'e1', at: w.at })
    let beat
    socket.onMessage(() => {
      send({ type: 'snapshot', seq: 1, at: w.at, values: w.values })
      send({ type: 'feeds', seq: 1, at: w.at, feeds: w.feeds })
      send({ type: 'alarms', epoch: 'a', offset: 1, alarms: w.alarms })
      if (told) send(told)
      beat = setInterval(() => { if (!w.mute) send({ type: 'heartbeat', seq: 1, at: w.at }) }, 1000).unref()
    })
    socket.onClose(() => { clearInterval(beat) })
  })
  return {
    last: () => sockets.at(-1),
    count: () => sockets.length,
    // As the server does it, the newest request is kept for a page that comes back.
    show(scene, paused) {
      told = { type: 'show', wall: 'main', scene, paused, at: new Date(w.now + shows++).toISOString() }
      sockets.at(-1).send(told)
    },
  }
}

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' }

/** Serves the built pages, under the policy of the real server. */
export async function serve() {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname
    try {
      const file = path === '/' ? '/index.html' : path
      const body = readFileSync(join(dist, file))
      response.writeHead(200, { 'content-type': types[extname(file)], 'content-security-policy': "default-src 'self'" }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.on('listening', done))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.close() } }
}
