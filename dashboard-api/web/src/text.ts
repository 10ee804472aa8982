import type { Lang } from './format'
import type { FeedState, State } from './wire'

interface Words {
  title: string
  overview: string
  target: string
  at: (t: string) => string
  state: Record<State, string>
  feeds: string
  feed: Record<FeedState, string>
  since: (t: string) => string
  never: string
  lost: (t: string) => string
  connecting: string
  live: string
  paused: string
  domain: Record<string, string>
}

/** All words on the wall that are not data. */
export const text: Record<Lang, Words> = {
  vi: {
    title: 'Trung tâm điều hành thông minh tỉnh Bình Phước',
    overview: 'Toàn tỉnh',
    target: 'Mục tiêu',
    at: (t) => `lúc ${t}`,
    state: { ok: 'Bình thường', warning: 'Cảnh báo', alarm: 'Báo động', stale: 'Số liệu cũ', no_data: 'Chưa có số liệu' },
    feeds: 'Nguồn dữ liệu',
    feed: { alive: 'hoạt động', late: 'chậm', silent: 'im lặng' },
    since: (t) => `im lặng từ ${t}`,
    never: 'chưa nhận',
    lost: (t) => `Mất kết nối – số liệu lúc ${t}`,
    connecting: 'Đang kết nối…',
    live: 'Trực tiếp',
    paused: 'Tạm dừng chuyển cảnh',
    domain: { service: 'Dịch vụ công', camera: 'Camera', sensor: 'Cảm biến' },
  },
  en: {
    title: 'Smart operations centre of Binh Phuoc',
    overview: 'Whole province',
    target: 'Target',
    at: (t) => `at ${t}`,
    state: { ok: 'Normal', warning: 'Warning', alarm: 'Alarm', stale: 'Old data', no_data: 'No data yet' },
    feeds: 'Feeds',
    feed: { alive: 'alive', late: 'late', silent: 'silent' },
    since: (t) => `silent since ${t}`,
    never: 'never seen',
    lost: (t) => `Connection lost – data of ${t}`,
    connecting: 'Connecting…',
    live: 'Live',
    paused: 'Rotation paused',
    domain: { service: 'Services', camera: 'Cameras', sensor: 'Sensors' },
  },
}
