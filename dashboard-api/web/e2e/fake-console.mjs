// What the made-up server answers to the console, on an ordinary day with a few things wrong. All of it follows from the moment.
import { answer, centres, chance } from './fake.mjs'

const towns = centres.filter((c) => c.parent)
const before = (w, seconds) => new Date(w.now - seconds * 1000).toISOString()
const text = (vi, en) => ({ vi, en })

function devices(w, type) {
  const domain = type === 'cameras' ? 'camera' : 'sensor'
  const all = towns.flatMap(({ code }) => Array.from({ length: 16 }, (_, i) => {
    const source = `/${code}/${domain}/${domain === 'camera' ? 'cam' : ['gio', 'mua', 'muc-nuoc'][i % 3]}-${String(i + 1).padStart(4, '0')}`
    const dice = chance(source)
    const state = dice < 0.04 ? 'silent' : dice < 0.1 ? 'offline' : dice < 0.16 ? 'degraded' : 'online'
    const heard = before(w, state === 'silent' ? 5400 + Math.floor(dice * 90_000) : Math.floor(dice * 55))
    const up = state === 'online' || state === 'degraded'
    const some = (n) => (up ? n : null)
    return {
      source, centre: code, domain, state, said: state === 'silent' ? 'online' : state, newest_event: heard, newest_arrival: heard,
      fps: domain === 'camera' ? some(state === 'degraded' ? 8.5 : 25) : null, bitrate_kbps: domain === 'camera' ? some(1800 + Math.floor(dice * 2400)) : null,
      speed_kmh: domain === 'camera' && i % 3 === 0 ? some(28 + Math.floor(dice * 300) / 10) : null,
      battery: domain === 'sensor' ? some(40 + Math.floor(dice * 60)) : null, rssi: domain === 'sensor' ? some(-60 - Math.floor(dice * 40)) : null, lat: 11.5, lon: 106.9,
    }
  }))
  const rank = ['silent', 'offline', 'degraded', 'online']
  all.sort((a, b) => rank.indexOf(a.state) - rank.indexOf(b.state))
  const counts = Object.fromEntries(rank.map((s) => [s, all.filter((d) => d.state === s).length]))
  return { devices: all, counts, total: all.length, next: '' }
}

const subjects = ['dat-dai', 'moi-truong', 'giao-thong', 'trat-tu-do-thi', 'ho-tich', 'y-te']
const offices = [text('Sở Tài nguyên và Môi trường', 'Natural resources'), text('Sở Giao thông vận tải', 'Transport'), text('Sở Tư pháp', 'Justice')]

function tickets(w) {
  const all = Array.from({ length: 24 }, (_, i) => {
    const id = `PA-2026-${String(4100 - i)}`
    const status = ['received', 'forwarded', 'forwarded', 'resolved', 'reopened', 'forwarded'][i % 6]
    const overdue = status !== 'resolved' && i % 5 === 1
    const received = before(w, 900 + i * 5300)
    return {
      id, centre: towns[i % 3].code, kind: ['field_report', 'petition', 'question'][i % 3], channel: ['app', 'phone', 'zalo', 'web'][i % 4], status,
      agency: `a${i % 3}`, agency_name: offices[i % 3], topic: subjects[i % subjects.length], overdue, received_at: received,
      due_at: i % 7 === 3 ? null : before(w, overdue ? 7200 + i * 600 : -(14_400 + i * 7000)), resolved_at: status === 'resolved' ? before(w, 300) : null, rating: null, time: received,
      lat: null, lon: null,
    }
  })
  const n = (status) => all.filter((t) => t.status === status).length
  return { tickets: all, counts: { received: n('received'), forwarded: n('forwarded'), reopened: n('reopened'), resolved: n('resolved'), overdue: all.filter((t) => t.overdue).length }, next: '' }
}

function sources(centre, domain) {
  const n = domain === 'camera' ? 193 : 24
  return { total: n, next: '', sources: Array.from({ length: n }, (_, i) => ({ centre, domain, source: `/${centre}/${domain}/${i}`, state: i % 41 === 7 ? 'silent' : 'alive' })) }
}

function feeds(w) {
  return {
    feeds: w.feeds.map((f, i) => ({
      ...f, sources: f.domain === 'camera' ? 193 : 24, silent_sources: f.state === 'late' ? 3 : 0, late_sources: 0, rejected_hour: i === 4 ? 12 : 0, rate: 0.82 + 0.3 * chance(`${f.centre}${f.domain}`),
      hour: { events: 900 + Math.floor(9000 * chance(f.domain + f.centre)), repeats: 0, rejected: 0, rejected_share: 0, delay_p50_seconds: 0.4 + i / 10, delay_p99_seconds: 2 + i / 3 },
      gaps: { count: i % 4 === 3 ? 2 : 0, longest: null },
    })),
  }
}

/** An alarm as the live channel tells of it. */
const alarm = (w, id, state, priority, kind, centre, ago, vi, en, more = {}) => ({
  id, kind, cause: `${kind}/${id}`, centre, domain: kind === 'kpi' ? 'hotline' : kind, priority, state, title: text(vi, en), raised_at: before(w, ago), changed_at: before(w, ago), members: 1, ...more,
})

export const alarms = (w) => [
  alarm(w, 'gw-01', 'raised', 1, 'sensor', 'dong-xoai', 140, 'Đồng Xoài: cổng kết nối gw-01 không có tín hiệu', 'Dong Xoai: gateway gw-01 is not heard', { members: 42 }),
  alarm(w, 'cam-0142', 'raised', 2, 'camera', 'dong-xoai', 410, 'Camera /dong-xoai/camera/cam-0142 báo mất kết nối', 'Camera /dong-xoai/camera/cam-0142 says it is offline', { source: '/dong-xoai/camera/cam-0142' }),
  alarm(w, 'pm25', 'raised', 3, 'rate', 'binh-long', 1260, 'Bình Long: Bụi PM2.5 tăng 61 µg/m³ trong 60 phút', 'Binh Long: PM2.5 rose by 61 µg/m³ within 60 minutes', { kpi: 'air.pm25', value: 61.2, bound: 60, unit: 'µg/m³' }),
  alarm(w, 'waiting', 'acknowledged', 1, 'kpi', 'phuoc-long', 2600, 'Phước Long: Cuộc gọi 1022 đang chờ 12', 'Phuoc Long: 1022 calls waiting 12', { kpi: 'hotline.waiting', value: 12, bound: 10, assigned_to: 'Tổ trực 1022' }),
  alarm(w, 'feed', 'acknowledged', 2, 'feed', 'binh-long', 7300, 'Bình Long: nguồn dữ liệu Cảm biến im lặng', 'Binh Long: the feed Sensors is silent'),
  alarm(w, 'cam-0031', 'cleared', 4, 'camera', 'phuoc-long', 9100, 'Camera /phuoc-long/camera/cam-0031 không có tín hiệu', 'Camera /phuoc-long/camera/cam-0031 is not heard', { source: '/phuoc-long/camera/cam-0031' }),
  alarm(w, 'rain', 'shelved', 3, 'kpi', 'dong-xoai', 16_000, 'Đồng Xoài: Lượng mưa 52 mm', 'Dong Xoai: Rain 52 mm', { kpi: 'weather.rain', value: 52.4, bound: 50, unit: 'mm', shelved_until: before(w, -5400) }),
]

/** A day with more alarms than are good for a person. */
export function statistics(w) {
  const worst = [
    ['sensor/dong-xoai/sensor/muc-nuoc-02', 'dong-xoai', 38, 21, 'Cảm biến /dong-xoai/sensor/muc-nuoc-02 không có tín hiệu', 'Sensor /dong-xoai/sensor/muc-nuoc-02 is not heard'],
    ['camera/dong-xoai/camera/cam-0142', 'dong-xoai', 27, 15, 'Camera /dong-xoai/camera/cam-0142 báo mất kết nối', 'Camera /dong-xoai/camera/cam-0142 says it is offline'],
    ['rate/air.pm25/binh-long', 'binh-long', 19, 4, 'Bình Long: Bụi PM2.5 tăng 61 µg/m³ trong 60 phút', 'Binh Long: PM2.5 rose by 61 µg/m³ within 60 minutes'],
    ['kpi/hotline.waiting/phuoc-long', 'phuoc-long', 14, 0, 'Phước Long: Cuộc gọi 1022 đang chờ 12', 'Phuoc Long: 1022 calls waiting 12'],
    ['feed/binh-long/sensor', 'binh-long', 11, 0, 'Bình Long: nguồn dữ liệu Cảm biến im lặng', 'Binh Long: the feed Sensors is silent'],
    ['camera/phuoc-long/camera/cam-0031', 'phuoc-long', 9, 6, 'Camera /phuoc-long/camera/cam-0031 không có tín hiệu', 'Camera /phuoc-long/camera/cam-0031 is not heard'],
    ['many/dong-xoai/camera', 'dong-xoai', 6, 0, 'Đồng Xoài: nhiều camera cùng mất kết nối', 'Dong Xoai: many cameras are down at once'],
    ['kpi/feed.rejected/province', 'province', 4, 0, 'Bình Phước: Sự kiện bị từ chối 130', 'Binh Phuoc: Refused events 130'],
    ['kpi/weather.rain/dong-xoai', 'dong-xoai', 3, 1, 'Đồng Xoài: Lượng mưa 52 mm', 'Dong Xoai: Rain 52 mm'],
    ['kpi/ticket.overdue/province', 'province', 1, 0, 'Bình Phước: Phản ánh quá hạn 31', 'Binh Phuoc: Overdue reports 31'],
  ]
  const raised = 146
  return {
    from: before(w, 86_400), to: w.at, raised, operators: 2, per_operator_hour: raised / 48, peak_10_minutes: 23, peak_at: before(w, 47_000), flood_share: 0.034, standing: 6, stale: 1,
    worst: worst.map(([cause, centre, n, held, vi, en]) => ({ cause, centre, title: text(vi, en), raised: n, held, share: n / raised })),
    priorities: [3, 21, 40, 82].map((n, i) => ({ priority: i + 1, raised: n, share: n / raised })),
  }
}

/** Answers a question of the console. */
export function consoleAnswer(w, url) {
  const { pathname, searchParams } = new URL(url)
  const part = pathname.split('/').slice(3).map(decodeURIComponent) // behind /api/v1/
  switch (part[0]) {
    case 'alarms': {
      if (part[1] === 'statistics') return statistics(w)
      const one = w.alarms.find((a) => a.id === part[1])
      if (one) {
        const said = { at: before(w, 20), action: 'comment', state: one.state, by: 'Nguyễn Thị Ánh Tuyết (10.1.2.3)', why: 'đã gọi trạm' }
        return { alarm: one, history: [{ at: one.raised_at, action: 'raise', state: 'raised' }, said], members: [] }
      }
      const cause = searchParams.get('cause')
      return { items: w.alarms.filter((a) => !cause || a.cause === cause), flood: { active: false, held: 0 }, counts: {} }
    }
    case 'session':
      return { name: 'Nguyễn Thị Ánh Tuyết', token_needed: true }
    case 'cameras':
    case 'sensors':
      return devices(w, part[0])
    case 'tickets':
      return tickets(w)
    case 'search':
      return { sources: [], kpis: [], things: [] }
    case 'feeds':
      return part[1] ? sources(part[1], part[2]) : feeds(w)
    default:
      return answer(w, url)
  }
}
