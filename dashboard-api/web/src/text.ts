import type { Lang } from './format'
import type { AlarmState, DeviceState, FeedState, State } from './wire'

interface Words {
  title: string
  target: string
  noTarget: string
  reached: string
  short: (gap: string) => string
  at: (t: string) => string
  state: Record<State, string>
  feeds: string
  feed: Record<FeedState, string>
  device: Record<DeviceState, string>
  since: (t: string) => string
  never: string
  lost: (t: string) => string
  connecting: string
  live: string
  paused: string
  domain: Record<string, string>
  points: string
  alarms: string
  noAlarms: string
  alarmsUnknown: string
  more: (n: string) => string
  alarm: Record<AlarmState, string>
  priority: Record<number, string>
  members: (n: string) => string
  raised: (t: string) => string
  bound: (v: string) => string
  dismiss: string
  over: (span: string) => string
  span: (seconds: number) => string
  lastDay: string
  noHistory: string
  unranked: string
  controls: { previous: string; next: string; pause: string; go: string; light: string; dark: string; language: string; scene: string; bar: string; console: string; reports: string }
}

const hour = 3600
const dayLong = 86_400

/** All words on the wall that are not data. */
export const text: Record<Lang, Words> = {
  vi: {
    title: 'Trung tâm điều hành thông minh tỉnh Bình Phước',
    target: 'Mục tiêu',
    noTarget: 'Chưa có mục tiêu',
    reached: 'Đạt',
    short: (gap) => `Còn thiếu ${gap}`,
    at: (t) => `lúc ${t}`,
    state: { ok: 'Bình thường', warning: 'Cảnh báo', alarm: 'Báo động', stale: 'Số liệu cũ', no_data: 'Chưa có số liệu' },
    feeds: 'Nguồn dữ liệu',
    feed: { alive: 'hoạt động', late: 'chậm', silent: 'im lặng' },
    device: { silent: 'mất tín hiệu', offline: 'ngoại tuyến', degraded: 'suy giảm', online: 'hoạt động' },
    since: (t) => `im lặng từ ${t}`,
    never: 'chưa nhận',
    lost: (t) => `Mất kết nối – số liệu lúc ${t}`,
    connecting: 'Đang kết nối…',
    live: 'Trực tiếp',
    paused: 'Đã dừng chuyển cảnh',
    domain: { service: 'Dịch vụ công', camera: 'Camera', sensor: 'Cảm biến' },
    points: 'điểm',
    alarms: 'Báo động mới nhất',
    noAlarms: 'Không có báo động nào đang mở',
    alarmsUnknown: 'Chưa nhận được danh sách báo động',
    more: (n) => `và ${n} báo động khác`,
    alarm: { raised: 'mới', acknowledged: 'đã nhận', shelved: 'tạm ẩn', cleared: 'đã hết', closed: 'đã đóng' },
    priority: { 1: 'Khẩn cấp', 2: 'Cao', 3: 'Trung bình', 4: 'Thấp' },
    members: (n) => `${n} điểm có cùng nguyên nhân`,
    raised: (t) => `từ ${t}`,
    bound: (v) => `ngưỡng ${v}`,
    dismiss: 'Nhấn Esc để xem lại cảnh; báo động vẫn mở cho đến khi được tiếp nhận',
    over: (span) => `${span} qua`,
    span: (s) => (s >= 2 * dayLong ? `${Math.round(s / dayLong)} ngày` : s >= hour ? `${Math.round(s / hour)} giờ` : `${Math.round(s / 60)} phút`),
    lastDay: 'theo giờ, 24 giờ qua',
    noHistory: 'Chưa có số liệu trong khoảng này',
    unranked: 'Chưa đủ số liệu để xếp hạng',
    controls: {
      previous: 'Cảnh trước', next: 'Cảnh sau', pause: 'Dừng', go: 'Chạy tiếp', light: 'Nền sáng', dark: 'Nền tối', language: 'English',
      scene: 'Chọn cảnh', bar: 'Điều khiển màn hình', console: 'Bàn điều hành', reports: 'Báo cáo',
    },
  },
  en: {
    title: 'Smart operations centre of Binh Phuoc',
    target: 'Target',
    noTarget: 'No target yet',
    reached: 'Reached',
    short: (gap) => `${gap} short`,
    at: (t) => `at ${t}`,
    state: { ok: 'Normal', warning: 'Warning', alarm: 'Alarm', stale: 'Old data', no_data: 'No data yet' },
    feeds: 'Feeds',
    feed: { alive: 'alive', late: 'late', silent: 'silent' },
    device: { silent: 'silent', offline: 'offline', degraded: 'degraded', online: 'online' },
    since: (t) => `silent since ${t}`,
    never: 'never seen',
    lost: (t) => `Connection lost – data of ${t}`,
    connecting: 'Connecting…',
    live: 'Live',
    paused: 'Rotation paused',
    domain: { service: 'Services', camera: 'Cameras', sensor: 'Sensors' },
    points: 'points',
    alarms: 'Newest alarms',
    noAlarms: 'No alarm is open',
    alarmsUnknown: 'The list of alarms has not come yet',
    more: (n) => `and ${n} more`,
    alarm: { raised: 'new', acknowledged: 'acknowledged', shelved: 'shelved', cleared: 'cleared', closed: 'closed' },
    priority: { 1: 'Urgent', 2: 'High', 3: 'Medium', 4: 'Low' },
    members: (n) => `${n} points with the same cause`,
    raised: (t) => `since ${t}`,
    bound: (v) => `bound ${v}`,
    dismiss: 'Esc shows the scene again; the alarm stays open until it is acknowledged',
    over: (span) => `last ${span}`,
    span: (s) => (s >= 2 * dayLong ? `${Math.round(s / dayLong)} days` : s >= hour ? `${Math.round(s / hour)} h` : `${Math.round(s / 60)} min`),
    lastDay: 'by hour, last 24 h',
    noHistory: 'No data in this span',
    unranked: 'Not enough data to rank',
    controls: {
      previous: 'Previous scene', next: 'Next scene', pause: 'Pause', go: 'Go on', light: 'Light theme', dark: 'Dark theme', language: 'Tiếng Việt',
      scene: 'Choose a scene', bar: 'Wall controls', console: 'Console', reports: 'Reports',
    },
  },
}
