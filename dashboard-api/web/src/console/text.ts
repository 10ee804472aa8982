import type { Lang } from '../format'
import type { DeviceState, FeedState, State } from '../wire'
import type { Action } from './alarms'
import type { Grade } from './marks'
import type { Tab } from './route'
import type { Measure, Span } from './statistics'
import type { AlarmState, TicketStatus } from './wire'

/** All words of the console that are not data. */
const vi = {
  title: 'Bàn điều hành',
  place: 'IOC Bình Phước',
  tabs: {
    alarms: 'Báo động', feeds: 'Nguồn dữ liệu', cameras: 'Camera', sensors: 'Cảm biến', tickets: 'Phản ánh', search: 'Tra cứu', map: 'Bản đồ', statistics: 'Thống kê',
  } as Record<Tab, string>,
  skip: 'Đến nội dung',
  wall: 'Màn hình lớn',
  reports: 'Báo cáo',
  scorecards: 'Bảng điểm',
  figures: 'Nhập số liệu',
  elsewhere: 'Trang khác',
  live: 'Trực tiếp',
  connecting: 'Đang kết nối…',
  lost: (t: string) => `Mất kết nối – số liệu lúc ${t}`,
  old: (t: string) => `Danh sách chưa được làm mới từ ${t}`,
  failed: (why: string) => `Chưa lấy được dữ liệu: ${why}`,
  again: 'Thử lại',
  loading: 'Đang tải…',
  nothing: 'Không có mục nào khớp với bộ lọc.',
  clear: 'Bỏ bộ lọc',
  all: 'Tất cả',
  allCentres: 'Mọi trung tâm',
  centre: 'Trung tâm',
  sort: 'Sắp xếp',
  next: 'Trang sau',
  first: 'Về trang đầu',
  shown: (n: string, total: string) => `${n} trên ${total}`,
  filter: 'Lọc theo tên nguồn',
  close: 'Đóng',
  toLight: 'Nền sáng',
  toDark: 'Nền tối',
  language: 'English',
  help: 'Phím tắt',
  theme: 'Nền',
  menu: 'Thêm',
  keys: [
    ['1 – 8', 'Chọn mục'],
    ['j k ↓ ↑', 'Xuống, lên trong danh sách'],
    ['Enter', 'Mở mục đang chọn'],
    ['Esc', 'Đóng chi tiết, rời ô nhập'],
    ['/', 'Tìm kiếm'],
    ['a', 'Xác nhận báo động đang mở'],
    ['g', 'Giao báo động đang mở'],
    ['s', 'Tạm gác báo động đang mở'],
    ['x', 'Kết thúc báo động đang mở'],
    ['m', 'Tắt âm 15 phút, bật lại'],
    ['n', 'Khai tên người trực, giao ca'],
    ['?', 'Bảng phím tắt này'],
  ] as [string, string][],
  device: { silent: 'Mất tín hiệu', offline: 'Ngoại tuyến', degraded: 'Suy giảm', online: 'Hoạt động' } as Record<DeviceState, string>,
  feed: { alive: 'Hoạt động', late: 'Chậm', silent: 'Im lặng' } as Record<FeedState, string>,
  state: { ok: 'Bình thường', warning: 'Cảnh báo', alarm: 'Báo động', stale: 'Số liệu cũ', no_data: 'Chưa có số liệu' } as Record<State, string>,
  ticket: { received: 'Mới tiếp nhận', forwarded: 'Đang xử lý', reopened: 'Mở lại', resolved: 'Đã xử lý' } as Record<TicketStatus, string>,
  open: 'Chưa xong',
  overdue: 'Quá hạn',
  overdueBy: (t: string) => `quá ${t}`,
  dueIn: (t: string) => `còn ${t}`,
  noDue: 'không có hạn',
  kinds: { question: 'Câu hỏi', petition: 'Kiến nghị', field_report: 'Phản ánh hiện trường' } as Record<string, string>,
  channels: {
    phone: 'Điện thoại', web: 'Trang web', app: 'Ứng dụng', zalo: 'Zalo', email: 'Thư điện tử', online: 'Trực tuyến', counter: 'Tại quầy', post: 'Bưu chính',
  } as Record<string, string>,
  byReceived: 'Mới nhất trước',
  byDue: 'Hạn gần nhất trước',
  domain: { service: 'Dịch vụ công', camera: 'Camera', sensor: 'Cảm biến' } as Record<string, string>,
  things: { dossier: 'Hồ sơ', ticket: 'Phản ánh, kiến nghị', source: 'Nguồn', camera: 'Camera', sensor: 'Cảm biến', feed: 'Nguồn dữ liệu' } as Record<string, string>,
  types: {
    reading: 'số đo', dossier: 'hồ sơ', call: 'cuộc gọi', ticket: 'phản ánh, kiến nghị', document: 'văn bản', meeting: 'cuộc họp', procedure: 'thủ tục',
    camera: 'camera', sensor: 'cảm biến', security: 'an toàn thông tin', figure: 'số liệu thống kê',
  } as Record<string, string>,
  columns: {
    state: 'Trạng thái', name: 'Tên', centre: 'Trung tâm', heard: 'Tín hiệu cuối', fps: 'Khung hình/s', bitrate: 'Băng thông', speed: 'Tốc độ TB', battery: 'Pin',
    rssi: 'Sóng', id: 'Mã', kind: 'Loại', channel: 'Kênh', agency: 'Cơ quan', topic: 'Lĩnh vực', received: 'Tiếp nhận', due: 'Hạn', feed: 'Nguồn', sources: 'Nguồn con',
    hour: 'Sự kiện/giờ', rate: 'So với thường lệ', delay: 'Độ trễ P50 / P99', refused: 'Bị từ chối', gaps: 'Quãng trống 24 giờ', arrival: 'Nhận lần cuối', event: 'Sự kiện cuối',
    title: 'Nội dung', priority: 'Ưu tiên', raised: 'Bắt đầu', assigned: 'Giao cho', value: 'Giá trị', time: 'Lúc', what: 'Nội dung',
  },
  ago: { now: 'vừa xong', s: 'giây', m: 'phút', h: 'giờ', d: 'ngày', tail: ' trước' },
  never: 'chưa nhận',
  source: {
    hour: 'Một giờ qua', perMinute: 'Số lần nhận mỗi phút', changes: 'Đổi trạng thái', noChanges: 'Không đổi trạng thái trong giờ này.', metrics: 'Số đo trong giờ',
    events: 'Sự kiện mới nhất', noEvents: 'Không có sự kiện nào trong giờ này.', last: 'Mới nhất', least: 'Thấp nhất', greatest: 'Cao nhất', mean: 'Trung bình',
    line: 'Đường truyền', device: 'Thiết bị báo', interval: (n: string) => `chu kỳ ${n} giây`, first: (t: string) => `lần đầu ${t}`, sends: 'Gửi', none: 'chưa rõ', total: (n: string) => `${n} sự kiện`, most: (n: string) => `cao nhất ${n}/phút`,
  },
  kpi: {
    definition: 'Cách tính', window: 'Khoảng', byCentre: 'Theo trung tâm', counts: 'Tử số / mẫu số', events: 'Những gì được tính', noEvents: 'Chỉ tiêu này không liệt kê được sự kiện.',
    evidence: (things: string, sources: string) => `${things} mục từ ${sources} nguồn`, refused: 'Bị từ chối', late: 'Đến muộn', target: 'Mục tiêu', more: 'Giải thích đầy đủ', csv: 'Tải CSV',
    numerator: 'Tử số', denominator: 'Mẫu số', empty: 'Không có mục nào được tính.',
  },
  search: {
    label: 'Tìm nguồn, chỉ tiêu, mã hồ sơ, mã phản ánh', hint: 'Ít nhất 2 ký tự. Không tìm theo tên người.', sources: 'Nguồn', kpis: 'Chỉ tiêu', things: 'Hồ sơ, phản ánh',
    none: 'Không tìm thấy.', allKpis: 'Mọi chỉ tiêu, số liệu trực tiếp',
  },
  fields: {
    status: 'trạng thái', fps: 'khung hình/s', bitrate_kbps: 'kbps', speed_kmh: 'km/h', counts: 'đếm xe', battery: 'pin %', rssi: 'sóng dBm', kind: 'loại', channel: 'kênh',
    agency: 'cơ quan', procedure: 'thủ tục', topic: 'lĩnh vực', level: 'mức độ', severity: 'mức nghiêm trọng', due_at: 'hạn', received_at: 'tiếp nhận', completed_at: 'hoàn thành',
    resolved_at: 'xử lý xong', queued_at: 'vào hàng đợi', answered_at: 'trả lời', ended_at: 'kết thúc', rating: 'đánh giá', direction: 'chiều', indicator: 'chỉ tiêu',
    period: 'kỳ', value: 'giá trị', heard: 'tín hiệu cuối', domain: 'lĩnh vực', code: 'lý do', transport: 'đường truyền', humidity: 'độ ẩm', temp: 'nhiệt độ', pm25: 'PM2.5', pm10: 'PM10',
    rain_mm: 'mưa', water_level: 'mực nước', metric: 'số đo', unit: 'đơn vị',
  } as Record<string, string>,
  dossier: {
    received: 'Mới tiếp nhận', processing: 'Đang giải quyết', supplement: 'Chờ bổ sung', completed: 'Đã giải quyết', returned: 'Trả lại', withdrawn: 'Đã rút',
  } as Record<string, string>,
  map: {
    label: 'Bản đồ tỉnh', heat: 'Tô theo chỉ tiêu', noHeat: 'Không tô theo chỉ tiêu', zoomIn: 'Phóng to', zoomOut: 'Thu nhỏ', whole: 'Toàn tỉnh',
    cluster: (n: string, worst: string) => `${n} điểm, nặng nhất: ${worst}`, members: (n: string) => `${n} điểm ở đây`,
    schematic: 'Sơ đồ theo toạ độ thật, không có nền bản đồ. Ranh giới do tỉnh cung cấp (--map-boundary).', homeless: (n: string) => `${n} thiết bị chưa báo toạ độ`,
    leftOut: (n: string) => `${n} điểm nữa không vẽ`, alarm: 'Báo động', kinds: { camera: 'Camera', sensor: 'Cảm biến', ticket: 'Phản ánh hiện trường' } as Record<string, string>,
    more: (n: string) => `và ${n} điểm nữa: hãy phóng to`, show: 'Hiện trên bản đồ',
  },
  alarm: {
    state: { raised: 'Mới', acknowledged: 'Đã xác nhận', shelved: 'Tạm gác', cleared: 'Đã hết', closed: 'Đã đóng' } as Record<AlarmState, string>,
    kinds: { kpi: 'Chỉ tiêu vượt ngưỡng', rate: 'Thay đổi nhanh', feed: 'Nguồn im lặng', camera: 'Camera', sensor: 'Cảm biến', flood: 'Dồn dập báo động' } as Record<string, string>,
    priority: ['', 'Khẩn cấp', 'Cao', 'Trung bình', 'Thấp'],
    priorityShort: (n: number) => `Ưu tiên ${String(n)}`,
    actions: { acknowledge: 'Xác nhận', assign: 'Giao', shelve: 'Tạm gác', unshelve: 'Đưa lại', close: 'Đóng' } as Record<Action, string>,
    why: 'Lý do', whyHint: 'Ca sau sẽ đọc dòng này', to: 'Giao cho ai', toMe: 'Giao cho tôi', until: 'Gác đến', until1: (n: number) => (n < 60 ? `${String(n)} phút` : `${String(n / 60)} giờ`),
    do: 'Thực hiện', cancel: 'Thôi', none: 'Không có báo động nào. Mọi thứ đang bình thường.', calm: 'Yên tĩnh', members: (n: string) => `${n} mục cùng nguyên nhân`,
    flood: (n: string, t: string) => `Dồn dập báo động từ ${t}: ${n} báo động nhẹ hơn đang được giữ lại, không kêu chuông.`,
    history: 'Diễn biến', since: 'từ', shelvedUntil: (t: string) => `gác đến ${t}`, bound: 'ngưỡng', done: 'Đã ghi.',
    sameCause: (what: string) => `Cùng nguyên nhân: ${what}`, by: (who: string) => `bởi ${who}`, openSource: 'Mở nguồn', openKpi: 'Mở chỉ tiêu', opened: (n: string) => `${n} báo động đang mở`,
  },
  duty: {
    is: (name: string) => `Người trực: ${name}`, nobody: 'Chưa khai tên người trực', title: 'Người trực', name: 'Họ và tên', save: 'Ghi nhận',
    why: 'Được ghi cùng mỗi thay đổi, bên cạnh địa chỉ máy. Rời ca thì để trống.', signed: (name: string) => `Sẽ ghi tên ${name}.`,
    unsigned: 'Chưa khai tên: chỉ ghi địa chỉ máy.', change: 'Đổi tên', say: 'Khai tên',
  },
  statistics: {
    span: 'Khoảng thời gian', spans: { '24h': '24 giờ', '7d': '7 ngày', '30d': '30 ngày' } as Record<Span, string>,
    between: (from: string, to: string) => `Từ ${from} đến ${to}`,
    guide: 'Các mức theo EEMUA 191 và ISA-18.2. Hai số đầu tính cho mỗi người trực, các số sau cho tất cả. Báo động bị giữ lại khi dồn dập cũng được tính.',
    names: {
      hour: 'Mỗi người, mỗi giờ', ten: 'Mỗi người, mỗi 10 phút', peak: 'Cao điểm trong 10 phút', flood: 'Thời gian dồn dập', standing: 'Đang tồn', stale: 'Tồn quá 24 giờ',
    } as Record<Measure, string>,
    band: { ok: 'Chấp nhận được', minor: 'Còn xử lý được', major: 'Quá nhiều', grave: 'Quá tải', none: 'Chưa có số liệu' } as Record<Grade, string>,
    above: 'Trên mức nên có',
    raised: (n: string, people: string) => `${n} báo động, tính cho ${people} người trực`, average: 'trung bình cả khoảng', peakAt: (t: string) => `từ ${t}`, noPeak: 'không có báo động',
    ofTime: 'của cả khoảng', floodIs: 'từ hơn 10 báo động trong 10 phút', standingIs: 'mới, đã xác nhận hoặc tạm gác', staleIs: (n: string) => `trong ${n} đang tồn`,
    priorities: 'Tỷ lệ theo ưu tiên', recommended: 'Nên có', share: 'Tỷ lệ', times: 'Số lần', about: (n: string) => `khoảng ${n}`, most: (n: string) => `không quá ${n}`,
    worst: 'Mười nguyên nhân nhiều nhất', presented: 'Báo ngay', held: 'Giữ lại', together: (share: string) => `chiếm ${share} của tất cả`, calm: 'Không có báo động nào trong khoảng này.',
  },
  sound: {
    mute: 'Tắt âm', muted: (t: string) => `Tắt âm đến ${t}`, on: 'Âm báo bật', unlock: 'Bật âm báo', minutes: (n: number) => `${String(n)} phút`, back: 'Bật lại ngay', label: 'Âm báo',
  },
}

const en: typeof vi = {
  title: 'Console',
  place: 'IOC Binh Phuoc',
  tabs: { alarms: 'Alarms', feeds: 'Feeds', cameras: 'Cameras', sensors: 'Sensors', tickets: 'Tickets', search: 'Search', map: 'Map', statistics: 'Statistics' },
  skip: 'Skip to content',
  wall: 'Wall',
  reports: 'Reports',
  scorecards: 'Scorecards',
  figures: 'Enter figures',
  elsewhere: 'Other pages',
  live: 'Live',
  connecting: 'Connecting…',
  lost: (t) => `Connection lost – data of ${t}`,
  old: (t) => `This list has not been renewed since ${t}`,
  failed: (why) => `The data could not be read: ${why}`,
  again: 'Try again',
  loading: 'Loading…',
  nothing: 'Nothing matches the filters.',
  clear: 'Clear filters',
  all: 'All',
  allCentres: 'All centres',
  centre: 'Centre',
  sort: 'Order',
  next: 'Next page',
  first: 'First page',
  shown: (n, total) => `${n} of ${total}`,
  filter: 'Filter by name of source',
  close: 'Close',
  toLight: 'Light',
  toDark: 'Dark',
  language: 'Tiếng Việt',
  help: 'Keys',
  theme: 'Ground',
  menu: 'More',
  keys: [
    ['1 – 8', 'Choose a tab'],
    ['j k ↓ ↑', 'Down and up the list'],
    ['Enter', 'Open what is chosen'],
    ['Esc', 'Close the details, leave a field'],
    ['/', 'Search'],
    ['a', 'Acknowledge the open alarm'],
    ['g', 'Assign the open alarm'],
    ['s', 'Shelve the open alarm'],
    ['x', 'End the open alarm'],
    ['m', 'Mute for 15 minutes, or sound again'],
    ['n', 'Say who is on duty, hand over'],
    ['?', 'This list of keys'],
  ],
  device: { silent: 'Silent', offline: 'Offline', degraded: 'Degraded', online: 'Online' },
  feed: { alive: 'Alive', late: 'Late', silent: 'Silent' },
  state: { ok: 'Normal', warning: 'Warning', alarm: 'Alarm', stale: 'Old data', no_data: 'No data yet' },
  ticket: { received: 'Received', forwarded: 'In work', reopened: 'Reopened', resolved: 'Resolved' },
  open: 'Open',
  overdue: 'Overdue',
  overdueBy: (t) => `${t} over`,
  dueIn: (t) => `${t} left`,
  noDue: 'no due time',
  kinds: { question: 'Question', petition: 'Petition', field_report: 'Field report' },
  channels: { phone: 'Phone', web: 'Web', app: 'App', zalo: 'Zalo', email: 'E-mail', online: 'Online', counter: 'Counter', post: 'Post' },
  byReceived: 'Newest first',
  byDue: 'Due first',
  domain: { service: 'Services', camera: 'Cameras', sensor: 'Sensors' },
  things: { dossier: 'Dossier', ticket: 'Ticket', source: 'Source', camera: 'Camera', sensor: 'Sensor', feed: 'Feed' },
  types: {
    reading: 'readings', dossier: 'dossiers', call: 'calls', ticket: 'tickets', document: 'documents', meeting: 'meetings', procedure: 'procedures', camera: 'cameras',
    sensor: 'sensors', security: 'security', figure: 'figures',
  },
  columns: {
    state: 'State', name: 'Name', centre: 'Centre', heard: 'Last heard', fps: 'Frames/s', bitrate: 'Bit rate', speed: 'Mean speed', battery: 'Battery', rssi: 'Signal', id: 'Id',
    kind: 'Kind', channel: 'Channel', agency: 'Agency', topic: 'Topic', received: 'Received', due: 'Due', feed: 'Feed', sources: 'Sources', hour: 'Events/h', rate: 'Of the usual',
    delay: 'Delay P50 / P99', refused: 'Refused', gaps: 'Gaps in 24 h', arrival: 'Last arrival', event: 'Last event', title: 'What', priority: 'Priority', raised: 'Since',
    assigned: 'Assigned to', value: 'Value', time: 'At', what: 'What',
  },
  ago: { now: 'just now', s: 's', m: 'min', h: 'h', d: 'd', tail: ' ago' },
  never: 'never seen',
  source: {
    hour: 'The last hour', perMinute: 'Deliveries in each minute', changes: 'Changes of state', noChanges: 'No change of state in this hour.', metrics: 'Measured in this hour',
    events: 'Newest events', noEvents: 'No event in this hour.', last: 'Newest', least: 'Least', greatest: 'Greatest', mean: 'Mean', line: 'Line', device: 'Says of itself', interval: (n) => `every ${n} s`,
    first: (t) => `first seen ${t}`, sends: 'Sends', none: 'unknown', total: (n) => `${n} events`, most: (n) => `${n}/min at most`,
  },
  kpi: {
    definition: 'How it is computed', window: 'Window', byCentre: 'By centre', counts: 'Numerator / denominator', events: 'What was counted',
    noEvents: 'The events of this KPI can’t be listed.', evidence: (things, sources) => `${things} things from ${sources} sources`, refused: 'Refused', late: 'Late', target: 'Target',
    more: 'Full explanation', csv: 'Get CSV', numerator: 'Numerator', denominator: 'Denominator', empty: 'Nothing was counted.',
  },
  search: {
    label: 'Find sources, KPIs, ids of dossiers and tickets', hint: 'At least 2 characters. Persons are not searched.', sources: 'Sources', kpis: 'KPIs', things: 'Dossiers, tickets',
    none: 'Nothing found.', allKpis: 'All KPIs, live',
  },
  fields: {
    bitrate_kbps: 'kbps', speed_kmh: 'km/h', battery: 'battery %', rssi: 'dBm', due_at: 'due', received_at: 'received', completed_at: 'completed', resolved_at: 'resolved',
    queued_at: 'queued', answered_at: 'answered', ended_at: 'ended', temp: 'temperature', pm25: 'PM2.5', pm10: 'PM10', rain_mm: 'rain', water_level: 'water level',
  },
  dossier: { received: 'Received', processing: 'In work', supplement: 'Waits for papers', completed: 'Completed', returned: 'Returned', withdrawn: 'Withdrawn' },
  map: {
    label: 'Map of the province', heat: 'Shade by KPI', noHeat: 'No shading by KPI', zoomIn: 'Zoom in', zoomOut: 'Zoom out', whole: 'Whole province',
    cluster: (n, worst) => `${n} points, the worst: ${worst}`, members: (n) => `${n} points here`,
    schematic: 'A plan by real coordinates, without a base map. The boundary is the province’s own (--map-boundary).', homeless: (n) => `${n} devices don’t say where they are`,
    leftOut: (n) => `${n} more points are not drawn`, alarm: 'Alarm', kinds: { camera: 'Camera', sensor: 'Sensor', ticket: 'Field report' }, more: (n) => `and ${n} more: zoom in`,
    show: 'Show on the map',
  },
  alarm: {
    state: { raised: 'New', acknowledged: 'Acknowledged', shelved: 'Shelved', cleared: 'Cleared', closed: 'Closed' },
    kinds: { kpi: 'KPI out of bounds', rate: 'Fast change', feed: 'Silent feed', camera: 'Camera', sensor: 'Sensor', flood: 'Flood of alarms' },
    priority: ['', 'Urgent', 'High', 'Medium', 'Low'],
    priorityShort: (n) => `Priority ${String(n)}`,
    actions: { acknowledge: 'Acknowledge', assign: 'Assign', shelve: 'Shelve', unshelve: 'Unshelve', close: 'Close' },
    why: 'Why', whyHint: 'The next shift reads this', to: 'Assign to', toMe: 'Assign to me', until: 'Shelve until', until1: (n) => (n < 60 ? `${String(n)} min` : `${String(n / 60)} h`),
    do: 'Do it', cancel: 'Cancel', none: 'There is no alarm. All is well.', calm: 'Calm', members: (n) => `${n} with the same cause`,
    flood: (n, t) => `Flood of alarms since ${t}: ${n} lesser ones are held back and make no sound.`, history: 'History', since: 'since',
    shelvedUntil: (t) => `shelved until ${t}`, bound: 'bound', done: 'Done.', sameCause: (what) => `Same cause: ${what}`, by: (who) => `by ${who}`, openSource: 'Open the source', openKpi: 'Open the KPI',
    opened: (n) => `${n} open alarms`,
  },
  duty: {
    is: (name) => `On duty: ${name}`, nobody: 'On duty: no name given', title: 'On duty', name: 'Full name', save: 'Save',
    why: 'Recorded with each change, beside the address of this computer. Empty it when you leave.', signed: (name) => `Recorded as ${name}.`,
    unsigned: 'Without a name: the address alone is recorded.', change: 'Change', say: 'Say your name',
  },
  statistics: {
    span: 'Span of time', spans: { '24h': '24 h', '7d': '7 days', '30d': '30 days' },
    between: (from, to) => `From ${from} to ${to}`,
    guide: 'Bands by EEMUA 191 and ISA-18.2. The first two numbers are for each operator, the others for all. Alarms that a flood held back count too.',
    names: { hour: 'Per operator and hour', ten: 'Per operator and 10 minutes', peak: 'Peak within 10 minutes', flood: 'Time in flood', standing: 'Standing', stale: 'Older than 24 h' },
    band: { ok: 'Acceptable', minor: 'Manageable', major: 'Too many', grave: 'Overloaded', none: 'No data yet' },
    above: 'Above the guide',
    raised: (n, people) => `${n} raised, reckoned for ${people} on duty`, average: 'average of the span', peakAt: (t) => `from ${t}`, noPeak: 'no alarm',
    ofTime: 'of the span', floodIs: 'from more than 10 alarms in 10 minutes', standingIs: 'new, acknowledged or shelved', staleIs: (n) => `of ${n} that stand`,
    priorities: 'Shares of priorities', recommended: 'Guide', share: 'Share', times: 'Times', about: (n) => `about ${n}`, most: (n) => `at most ${n}`,
    worst: 'The worst ten by cause', presented: 'Presented', held: 'Held back', together: (share) => `${share} of all`, calm: 'There was no alarm in this span.',
  },
  sound: { mute: 'Mute', muted: (t) => `Muted until ${t}`, on: 'Sound on', unlock: 'Enable sound', minutes: (n) => `${String(n)} min`, back: 'Sound again', label: 'Sound' },
}

export type Words = typeof vi
export const text: Record<Lang, Words> = { vi, en }

/** A span of time in one unit: 45 giây, 12 phút, 3 giờ, 5 ngày. */
export function span(ms: number, w: Words): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 60) return `${String(s)} ${w.ago.s}`
  if (s < 3600) return `${String(Math.round(s / 60))} ${w.ago.m}`
  if (s < 172_800) return `${String(Math.round(s / 3600))} ${w.ago.h}`
  return `${String(Math.round(s / 86_400))} ${w.ago.d}`
}

/** How long ago something was. A few seconds are now: a clock may be that far off. */
export function ago(at: Date, now: Date, w: Words): string {
  const ms = now.getTime() - at.getTime()
  return ms < 5000 ? w.ago.now : span(ms, w) + w.ago.tail
}

/** Names of the topics that centres use, which send codes without marks. What is not here is shown as it was sent. */
const topics: Record<string, { vi: string; en: string }> = {
  'giao-thong': { vi: 'Giao thông', en: 'Traffic' },
  'moi-truong': { vi: 'Môi trường', en: 'Environment' },
  'trat-tu-do-thi': { vi: 'Trật tự đô thị', en: 'Urban order' },
  'dien-nuoc': { vi: 'Điện, nước', en: 'Power, water' },
  'dat-dai': { vi: 'Đất đai', en: 'Land' },
  'ho-tich': { vi: 'Hộ tịch', en: 'Civil status' },
  'y-te': { vi: 'Y tế', en: 'Health' },
  'giao-duc': { vi: 'Giáo dục', en: 'Education' },
  'an-ninh-trat-tu': { vi: 'An ninh trật tự', en: 'Public order' },
  'chinh-sach-xa-hoi': { vi: 'Chính sách xã hội', en: 'Social policy' },
  'thu-tuc-hanh-chinh': { vi: 'Thủ tục hành chính', en: 'Procedures' },
  'vien-thong': { vi: 'Viễn thông', en: 'Telecom' },
}

export const topic = (code: string, lang: Lang) => topics[code]?.[lang] ?? code
