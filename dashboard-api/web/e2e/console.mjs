// The console against a real server with simulated feeds, in a real browser: every tab at four sizes without anything cut off and
// clean by axe, in both languages and themes; keys; filters in the address; from a KPI to its events to a source; the map; who is on duty;
// the whole life of an alarm; their statistics. Alarms are made up here, by the contract: they must come when the test wants them.
// Needs IOC_TEST_BINARY (the built binary, with the console in its pages) or IOC_TEST_URL (a running server), and Chromium.
// PICTURES names a folder in which to keep pictures.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { accessible, axe } from './axe.mjs'
import { launch } from './browser.mjs'
import { up } from './ioc.mjs'

const binary = process.env.IOC_TEST_BINARY
assert.ok(binary || process.env.IOC_TEST_URL, 'set IOC_TEST_BINARY to the built ioc binary')
const pictures = process.env.PICTURES
if (pictures) mkdirSync(pictures, { recursive: true })
const patience = Number(process.env.IOC_TEST_PATIENCE ?? 20) * 1000

/** A fake of the server's alarms, by the contract: REST answers, and frames on the page's own live channel. */
async function fakeAlarms(page) {
  const now = () => new Date().toISOString()
  const state = { epoch: 'e1', offset: 0, alarms: new Map(), sockets: new Set(), subscribed: [], posts: [], flood: { active: false, held: 0 }, statistics: null, asked: [] }
  const make = (id, more) => ({
    id, kind: 'camera', cause: id, centre: 'dong-xoai', domain: 'camera', priority: 2, state: 'raised', title: { vi: `Camera ${id} mất tín hiệu`, en: `Camera ${id} is silent` },
    raised_at: now(), changed_at: now(), members: 1, history: [{ at: now(), state: 'raised' }], ...more,
  })
  const wire = ({ history: _, ...alarm }) => alarm
  const send = (socket, frame) => socket.send(JSON.stringify(frame))
  const change = (id, more) => {
    const before = state.alarms.get(id)
    const alarm = before ? { ...before, ...more, changed_at: now() } : make(id, more)
    if (before) alarm.history = [...before.history, { at: now(), state: alarm.state, by: more.by, why: more.why }]
    state.alarms.set(id, alarm)
    state.offset++
    for (const socket of state.sockets) send(socket, { type: 'alarm', epoch: state.epoch, offset: state.offset, alarm: wire(alarm) })
  }
  await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
    const server = socket.connectToServer()
    state.sockets.add(socket)
    socket.onMessage((message) => {
      const { alarms, ...frame } = JSON.parse(message)
      state.subscribed.push(alarms)
      server.send(JSON.stringify(frame))
      if (alarms?.epoch !== state.epoch) send(socket, { type: 'alarms', epoch: state.epoch, offset: state.offset, alarms: [...state.alarms.values()].filter((a) => a.state !== 'closed').map(wire) })
    })
    server.onClose(() => { state.sockets.delete(socket); socket.close() })
  })
  await page.route(/\/api\/v1\/alarms/, async (route) => {
    const request = route.request()
    const at = new URL(request.url())
    if (at.pathname.endsWith('/statistics')) {
      state.asked.push(Object.fromEntries(at.searchParams))
      if (state.statistics) await route.fulfill({ json: state.statistics(at.searchParams) })
      else await route.fulfill({ status: 503, contentType: 'application/problem+json', json: { type: 'about:blank', title: 'x', status: 503, detail: 'Chưa đọc được lịch sử.' } })
      return
    }
    const [, id, action] = /\/alarms\/([^/]+)(?:\/(\w+))?$/.exec(at.pathname) ?? []
    if (!id) {
      const states = at.searchParams.get('state')?.split(',')
      const cause = at.searchParams.get('cause')
      const items = [...state.alarms.values()].filter((a) => (!states || states.includes(a.state)) && (!cause || a.cause === cause)).map(wire)
      await route.fulfill({ json: { items, flood: state.flood, counts: {} } })
      return
    }
    const alarm = state.alarms.get(decodeURIComponent(id))
    if (request.method() === 'GET') {
      const { history, ...told } = alarm
      await route.fulfill({ json: { alarm: told, history, members: [] } })
      return
    }
    const body = request.postDataJSON()
    // As the server does it: the name of the session, which is a real one, and the address.
    const { name } = await (await page.request.get(`${url}/api/v1/session`)).json()
    state.posts.push({ action, ...body })
    if (body.why === 'refuse') {
      await route.fulfill({ status: 409, contentType: 'application/problem+json', json: { type: 'about:blank', title: 'Xung đột', status: 409, detail: 'Báo động này đã được đóng.' } })
      return
    }
    change(alarm.id, {
      by: name ? `${name} (127.0.0.1)` : '127.0.0.1', why: body.why, ...({
        acknowledge: { state: 'acknowledged', acknowledged_at: now() }, assign: { assigned_to: body.to }, shelve: { state: 'shelved', shelved_until: body.until },
        unshelve: { state: 'raised' }, close: { state: 'closed', closed_at: now() },
      })[action],
    })
    await route.fulfill({ json: wire(state.alarms.get(alarm.id)) })
  })
  return { ...state, state, change }
}

/** Statistics by the contract: 60 alarms for 2 persons, of which one cause raised the half, and a flood held some of another back. */
function some(params) {
  const to = Date.now()
  const from = params.has('from') ? Date.parse(params.get('from')) : to - 86_400_000
  const hours = (to - from) / 3_600_000
  const worst = [['kpi/hotline.waiting/dong-xoai', 30, 0], ['gw-01', 20, 8], ['cam-7', 10, 0]]
  return {
    from: new Date(from).toISOString(), to: new Date(to).toISOString(), raised: 60, operators: 2, per_operator_hour: 60 / hours / 2, peak_10_minutes: 12, peak_at: new Date(to - 3_600_000).toISOString(),
    flood_share: 0.3, standing: 3, stale: 0,
    worst: worst.map(([cause, n, held]) => ({ cause, centre: 'dong-xoai', title: { vi: `Đồng Xoài: ${cause}`, en: `Dong Xoai: ${cause}` }, raised: n, held, share: n / 60 })),
    priorities: [1, 2, 3, 4].map((priority) => ({ priority, raised: priority * 6, share: priority / 10 })),
  }
}

/** What in the page is wider than its place, or lies outside of the window. Runs in the page. */
function cutOff() {
  const bad = []
  if (document.documentElement.scrollWidth > innerWidth + 1) bad.push(`the page is ${document.documentElement.scrollWidth} px wide`)
  for (const e of document.querySelectorAll('.console *')) {
    if (e.closest('svg, .unseen, .skip, select, .tabs, .elsewhere') || !e.checkVisibility()) continue
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    if (!own) continue
    const box = e.getBoundingClientRect()
    if (box.right > innerWidth + 1 || box.left < -1) bad.push(`outside: ${e.textContent.slice(0, 60)}`)
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline') bad.push(`too wide: ${e.textContent.slice(0, 60)}`)
  }
  return [...new Set(bad)]
}

async function clean(page, what) {
  assert.deepEqual(await page.evaluate(cutOff), [], `cut off: ${what}`)
  await page.evaluate(axe)
  assert.deepEqual(await page.evaluate(accessible), [], `axe: ${what}`)
}

async function open(page, place) {
  await page.goto(`${url}/console${place}`)
  await page.locator('.tabs a[aria-current=page]').waitFor({ timeout: patience })
}

const tabs = ['alarms', 'feeds', 'cameras', 'sensors', 'tickets', 'search', 'map', 'statistics']
const answered = (page) => page.waitForFunction(() => !document.querySelector('main [role=status].quiet, .panel [role=status].quiet'), null, { timeout: patience })
const path = (page) => new URL(page.url()).searchParams

async function everyTab(browser) {
  const source = '%2Fdong-xoai%2Fcamera%2Fcam-0001'
  for (const [width, height, more] of [[1920, 1080, ''], [3840, 2160, '&lang=en&theme=dark'], [1366, 768, ''], [390, 844, ''], [390, 844, '&lang=en']]) {
    const page = await browser.newPage({ viewport: { width, height } })
    const errors = []
    page.on('pageerror', (e) => errors.push(e.message))
    page.on('console', (m) => { if (/Content Security|Refused/.test(m.text())) errors.push(m.text()) })
    const fake = await fakeAlarms(page)
    // On a desk nobody has said who they are; on the phone somebody with a long name has.
    if (width < 900) await page.request.post(`${url}/api/v1/session`, { data: { name: 'Công Tằng Tôn Nữ Nguyễn Phúc Thị Ngọc Diệp' } })
    fake.change('gw-01', { priority: 1, members: 200, kind: 'sensor', title: { vi: 'Cổng gw-01 mất tín hiệu: 200 cảm biến phía sau không gửi', en: 'Gateway gw-01 is silent: 200 sensors behind it do not send' } })
    fake.change('cam-0142', { source: '/dong-xoai/camera/cam-0142' })
    fake.change('waiting', { kind: 'kpi', priority: 3, kpi: 'hotline.waiting', value: 3, bound: 2, unit: 'cuộc', title: { vi: 'Cuộc gọi 1022 đang chờ vượt ngưỡng', en: 'Calls waiting over the bound' } })
    fake.change('waiting', { state: 'acknowledged' })
    fake.change('air', { kind: 'rate', priority: 4, state: 'shelved', shelved_until: new Date(Date.now() + 3_600_000).toISOString(), title: { vi: 'PM2.5 tăng nhanh', en: 'PM2.5 rises fast' } })
    fake.state.statistics = some
    fake.state.flood = { active: true, since: new Date().toISOString(), held: 37 }
    for (const place of [...tabs.map((t) => `?tab=${t}`), `?tab=cameras&source=${source}`, '?tab=search&kpi=camera.online_rate', '?tab=alarms&alarm=gw-01', '?tab=map&heat=camera.online_rate', '?tab=search&text=cam', '?tab=alarms&cause=gw-01', '?tab=statistics&span=30d&centre=dong-xoai']) {
      await open(page, place + more)
      await answered(page)
      if (pictures) await page.screenshot({ path: join(pictures, `${place.replace(/[^a-z0-9]+/gi, '-').slice(1)}-${width}.png`) })
      await clean(page, `${place} at ${width}`)
    }
    assert.deepEqual(errors, [])
    await page.close()
  }
}

async function keysAndAddress(page) {
  await open(page, '?tab=alarms')
  await page.keyboard.press('3')
  await page.waitForURL(/tab=cameras/)
  await page.locator('[data-row]').first().waitFor({ timeout: patience })
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  const second = await page.locator('[data-row]').nth(1).innerText()
  assert.equal(await page.evaluate(() => document.activeElement.textContent), second, 'j goes down the list')
  await page.waitForTimeout(6000) // the list is read anew meanwhile, and what has the focus keeps it
  // Its state may have changed, and with that its place: then the focus is on what stands there now.
  const focused = await page.evaluate(() => document.activeElement.matches('[data-row]') ? document.activeElement.textContent : 'not on a row')
  assert.match(focused, /^cam-/, 'the focus outlives a new answer')
  const began = Date.now()
  await page.keyboard.press('Enter')
  await page.locator('.panel .minutes').waitFor({ timeout: patience })
  console.log(`from a key to the hour of a source: ${Date.now() - began} ms`)
  assert.match(path(page).get('source'), new RegExp(`/${focused}$`))
  await page.keyboard.press('Escape')
  await page.locator('.panel').waitFor({ state: 'detached' })
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^cam-/, 'the focus comes back')

  await page.locator('.states [data-state=online]').click()
  await page.waitForURL(/state=online/)
  await page.locator('.find input').fill('cam-00')
  await page.waitForURL(/text=cam-00/)
  const address = page.url()
  await page.waitForFunction(() => [...document.querySelectorAll('[data-row]')].every((e) => e.textContent.startsWith('cam-00')), null, { timeout: patience })
  await page.reload()
  await page.locator('.states [data-state=online][aria-pressed=true]').waitFor({ timeout: patience })
  assert.equal(await page.locator('.find input').inputValue(), 'cam-00', 'an address shows the same to whoever opens it')
  assert.equal(page.url(), address)
  await page.goBack()
  await page.waitForURL((u) => !u.searchParams.has('state'))

  await page.keyboard.press('?')
  await page.locator('dialog.keys').waitFor()
  await clean(page, 'the list of keys')
  await page.keyboard.press('Escape')
  await page.locator('dialog.keys').waitFor({ state: 'detached' })
}

async function drillDown(page) {
  await open(page, '?tab=feeds')
  await page.keyboard.press('/')
  await page.waitForURL(/tab=search/)
  await page.locator('[data-search]').waitFor()
  await page.locator('[data-search]').fill('camera hoat dong')
  const began = Date.now()
  await page.locator('.found a', { hasText: 'Camera hoạt động' }).click({ timeout: patience })
  await page.locator('.panel .events a').first().waitFor({ timeout: patience })
  console.log(`from a click to what a KPI counts: ${Date.now() - began} ms`)
  await page.locator('.panel .events a').first().click()
  await page.locator('.panel .minutes').waitFor({ timeout: patience })
  assert.ok(path(page).get('source'))
  await page.goBack()
  await page.waitForURL(/kpi=camera\.online_rate/)
  await page.locator('button[lang=en]').click()
  await page.locator('.tabs', { hasText: 'Cameras' }).waitFor()
  await page.locator('button[lang=vi]').click()
}

async function map(page) {
  await open(page, '?tab=map')
  await page.locator('.point').first().waitFor({ timeout: patience })
  const many = page.locator('.point:not([data-count="1"])').first()
  await many.focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => Number(document.querySelector('.map-view').dataset.zoom) > 1)
  await page.locator('.zoom button').nth(2).click()
  await page.waitForFunction(() => Number(document.querySelector('.map-view').dataset.zoom) === 1)
  await page.locator('.map-view .point').first().focus()
  await page.keyboard.press('+')
  await page.keyboard.press('ArrowLeft')
  await page.locator('main select').first().selectOption('sensor')
  await page.locator('.point[data-count="1"]').first().focus()
  await page.keyboard.press('Enter')
  await page.locator('.panel .minutes').waitFor({ timeout: patience })
}

/** Who is on duty says so by keys, hands over, and is not forgotten by a browser when the server is. */
async function duty(page) {
  const shown = (text) => page.locator('.duty', { hasText: text }).waitFor({ timeout: patience })
  const say = async (name) => {
    await page.keyboard.press('n')
    await page.locator('dialog [name=name]').fill(name)
    await page.keyboard.press('Enter')
  }
  await open(page, '?tab=alarms')
  await shown('Chưa khai tên người trực')
  await page.keyboard.press('n')
  await page.locator('dialog').waitFor()
  await clean(page, 'the dialog for a name')
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  await page.locator('.duty').click()
  await page.locator('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => document.activeElement.className), 'duty', 'the focus comes back to what opened the dialog')

  await say('a'.repeat(61))
  await page.locator('dialog [role=alert]', { hasText: 'dài hơn 60 ký tự' }).waitFor()
  await page.locator('dialog [name=name]').fill('Trần Thị B')
  await page.keyboard.press('Enter')
  await shown('Người trực: Trần Thị B')
  const tab = await page.context().newPage()
  await tab.goto(`${url}/console`)
  await tab.locator('.duty', { hasText: 'Trần Thị B' }).waitFor({ timeout: patience })
  await say(' Nguye\u0302\u0303n Văn A ')
  await shown('Người trực: Nguyễn Văn A')
  await tab.locator('.duty', { hasText: 'Nguyễn Văn A' }).waitFor({ timeout: patience })
  await tab.close()

  // Sessions end with the server. The browser opens one with the same name.
  await page.request.delete(`${url}/api/v1/session`)
  await page.reload()
  await shown('Người trực: Nguyễn Văn A')
  assert.equal((await (await page.request.get(`${url}/api/v1/session`)).json()).name, 'Nguyễn Văn A')
}

async function alarmsLife(page, fake) {
  await open(page, '?tab=alarms')
  await page.locator('.calm').waitFor({ timeout: patience })
  assert.deepEqual(fake.subscribed.at(-1), {}, 'at first alarms are wanted from now on')
  fake.change('cam-7', { source: '/dong-xoai/camera/cam-0007' })
  await page.locator('tr[data-id=cam-7]').waitFor()
  assert.equal(await page.locator('.badge[data-tab=alarms]').innerText(), '1')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.locator('.panel .actions').waitFor()
  await page.locator('.actions .signed', { hasText: 'Sẽ ghi tên Nguyễn Văn A' }).waitFor()
  await page.keyboard.press('n')
  await page.locator('dialog button.primary').focus()
  await page.keyboard.press('a')
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  assert.deepEqual(fake.posts, [], 'a dialog has the keys to itself')
  await page.keyboard.press('a')
  await page.locator('.panel .changes li', { hasText: 'Đã xác nhận' }).filter({ hasText: 'bởi Nguyễn Văn A (127.0.0.1)' }).waitFor({ timeout: patience })
  assert.equal(await page.locator('.badge[data-tab=alarms]').count(), 0)

  await page.keyboard.press('g')
  await page.locator('.actions [name=to]').fill('Tổ kỹ thuật')
  await page.locator('.actions [name=why]').fill('kiểm tra nguồn điện')
  await page.keyboard.press('Enter')
  await page.locator('.panel dd', { hasText: 'Tổ kỹ thuật' }).waitFor()

  await page.keyboard.press('g')
  await page.locator('.actions [data-action=mine]').click()
  await page.locator('.panel dd', { hasText: 'Nguyễn Văn A' }).waitFor()

  await page.keyboard.press('s')
  await page.locator('.actions [name=until]').selectOption('15')
  await page.locator('.actions [type=submit]').click()
  assert.equal(fake.posts.filter((p) => p.action === 'shelve').length, 0, 'to shelve without a reason is not possible')
  await page.locator('.actions [name=why]').fill('refuse')
  await page.keyboard.press('Enter')
  await page.locator('.actions [role=alert]', { hasText: 'đã được đóng' }).waitFor()
  await page.locator('.actions [name=why]').fill('đang sửa')
  await page.keyboard.press('Enter')
  await page.locator('.panel dd', { hasText: 'gác đến' }).waitFor()
  const shelved = fake.posts.at(-1)
  assert.ok(Math.abs(Date.parse(shelved.until) - Date.now() - 15 * 60_000) < 30_000, 'a shelf has its end')

  await page.locator('.actions [data-action=unshelve]').click()
  await page.locator('.actions [name=why]').fill('sửa xong')
  await page.keyboard.press('Enter')
  await page.locator('.badge[data-tab=alarms]').waitFor()
  fake.change('cam-7', { state: 'cleared', cleared_at: new Date().toISOString() })
  await page.locator('.panel dd .chip', { hasText: 'Đã hết' }).waitFor()
  await page.keyboard.press('x')
  await page.locator('.actions [name=why]').fill('hoạt động lại')
  await page.keyboard.press('Enter')
  await page.locator('tr[data-id=cam-7]').waitFor({ state: 'detached' })
  assert.deepEqual(fake.posts.map((p) => p.action), ['acknowledge', 'assign', 'assign', 'shelve', 'shelve', 'unshelve', 'close'])

  await page.keyboard.press('Escape')
  await page.locator('.states [data-state=closed]').click()
  await page.locator('tr[data-id=cam-7]').waitFor({ timeout: patience })
  await page.keyboard.press('m')
  await page.locator('.sound[data-muted=true]').waitFor()
  await page.keyboard.press('m')
  await page.locator('.sound[data-muted=false]').waitFor()

  // The line breaks, an alarm comes meanwhile, and is there when the line stands again. The server has begun anew, without its sessions.
  await page.request.delete(`${url}/api/v1/session`)
  const began = Date.now()
  for (const socket of [...fake.state.sockets]) {
    fake.state.sockets.delete(socket)
    socket.close()
  }
  await page.locator('.console.lost').waitFor({ timeout: 3000 })
  console.log(`a lost connection shows after ${Date.now() - began} ms`)
  await page.locator('.states [data-state=closed]').click()
  await page.locator('[data-connected=true]').waitFor({ timeout: patience })
  assert.deepEqual(fake.subscribed.at(-1), { epoch: 'e1', offset: fake.state.offset }, 'alarms are wanted from where they were left')
  fake.state.epoch = 'e2' // a server that began anew
  fake.change('cam-8', {})
  await page.locator('tr[data-id=cam-8]').waitFor()
  await page.waitForFunction(async () => (await (await fetch('/api/v1/session')).json()).name === 'Nguyễn Văn A', null, { timeout: patience })
}

async function statistics(page, fake) {
  const shown = (of) => page.locator(`.measures [data-measure=${of}] .figure b`).innerText()
  const graded = (of) => page.locator(`.measures [data-measure=${of}]`).getAttribute('data-grade')
  fake.state.statistics = null
  await open(page, '?tab=alarms')
  await page.keyboard.press('8')
  await page.waitForURL(/tab=statistics/)
  await page.locator('main [role=alert]', { hasText: 'Chưa đọc được lịch sử' }).waitFor({ timeout: patience })
  const measures = ['hour', 'ten', 'peak', 'flood', 'standing', 'stale']
  assert.deepEqual(await Promise.all(measures.map(shown)), measures.map(() => '–'), 'what is not known is no zero')
  assert.equal(await graded('hour'), 'none')
  assert.deepEqual(await page.locator('.priorities td.right').allInnerTexts(), Array.from({ length: 8 }, () => '–'), 'and neither is any share')

  fake.state.statistics = some
  await page.locator('main [role=alert] button').click()
  await page.locator('.measures [data-measure=hour][data-grade=ok]').waitFor({ timeout: patience })
  assert.deepEqual(await Promise.all(measures.map(shown)), ['1,3', '0,21', '12', '30,0 %', '3', '0'])
  assert.deepEqual(await Promise.all(measures.map(graded)), ['ok', 'ok', 'minor', 'grave', 'ok', 'ok'])
  assert.deepEqual(fake.state.asked.at(-1), {}, 'a day of all centres is what the server tells unasked')

  await page.locator('[data-span="7d"]').click()
  await page.waitForURL(/span=7d/)
  await page.locator('main select').selectOption('dong-xoai')
  await page.waitForURL(/centre=dong-xoai/)
  await page.locator('.measures [data-measure=hour][data-grade=ok]').waitFor({ timeout: patience })
  const { centre, from } = fake.state.asked.at(-1)
  assert.equal(centre, 'dong-xoai')
  assert.ok(Math.abs(Date.now() - Date.parse(from) - 7 * 86_400_000) < 3_700_000, `7 days, not from ${from}`)
  await page.reload()
  await page.locator('[data-span="7d"][aria-pressed=true]').waitFor({ timeout: patience })

  // From a cause to its alarms, by the keys of every list, and back.
  fake.change('gw-01', { cause: 'gw-01', title: { vi: 'Cổng gw-01 mất tín hiệu', en: 'Gateway gw-01 is silent' } })
  fake.change('gw-01', { state: 'closed', closed_at: new Date().toISOString() })
  fake.change('gw-01b', { cause: 'gw-01' })
  fake.change('other', {})
  await page.locator('.rows tr[data-id=gw-01]').waitFor({ timeout: patience })
  assert.deepEqual(await page.locator('.rows tr[data-id=gw-01] td.right').allInnerTexts(), ['12', '8', '33,3 %'], 'what a flood held back is told apart, and is in the share')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(/tab=alarms.*cause=gw-01/)
  await page.locator('tr[data-id=gw-01b]').waitFor({ timeout: patience })
  assert.deepEqual(await page.locator('.rows tbody tr').evaluateAll((rows) => rows.map((r) => r.dataset.id).sort()), ['gw-01', 'gw-01b'], 'the alarms of this cause, closed ones too')
  await page.locator('.crumbs a').click()
  await page.waitForURL((u) => u.searchParams.get('tab') === 'statistics' && u.searchParams.get('span') === '7d' && u.searchParams.get('centre') === 'dong-xoai')
  for (const id of ['gw-01b', 'other']) fake.change(id, { state: 'closed' })
}

// One of its own, unless one is named.
const server = process.env.IOC_TEST_URL ? null : await up(binary, ['--simulate-backfill', '30m'])
const url = process.env.IOC_TEST_URL ?? server.url
const browser = await launch()
try {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(patience)
  const fake = await fakeAlarms(page)
  await duty(page)
  console.log('who is on duty')
  await alarmsLife(page, fake)
  console.log('alarms live their whole life')
  await keysAndAddress(page)
  console.log('keys, filters and the address')
  await drillDown(page)
  console.log('from a KPI to its events to a source')
  await map(page)
  console.log('the map')
  await statistics(page, fake)
  console.log('the statistics of alarms')
  await context.close()
  await everyTab(browser)
  console.log('every tab at four sizes: nothing cut off, clean by axe')
} finally {
  await browser.close()
  // How fast it ends is what live.mjs tests; here it is in the midst of simulated history.
  await server?.stop()
}
