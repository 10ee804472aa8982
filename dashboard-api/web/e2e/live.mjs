// The whole way: an event that an outside client publishes is seen on the wall, in a real browser; calls that wait raise an alarm in the
// console, which is acknowledged on one desk, seen so on another, and clears.
// Needs IOC_TEST_BINARY (the built binary), mosquitto_pub, kcat and Chromium.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { launch } from './browser.mjs'
import { up } from './ioc.mjs'

const binary = process.env.IOC_TEST_BINARY
assert.ok(binary, 'set IOC_TEST_BINARY to the built ioc binary')
/** More calls than wait in what comes before the alarm. */
const bound = 4
// The shipped bounds wait for half a minute before they raise, and for a minute before they clear; here it is a second.
const kpis = mkdtempSync(join(tmpdir(), 'ioc-kpis-'))
const shipped = readFileSync(new URL('../../../schemas/kpi/catalogue/hotline.waiting.yaml', import.meta.url), 'utf8')
const quick = shipped.replace(/^(warning|change): .*\n/gm, '').replace(/^alarm: .*$/m, `alarm: { enter: ${bound}, leave: ${bound - 1}, priority: 2, delay: 1s, clear_delay: 1s }`)
assert.match(quick, /delay: 1s/)
writeFileSync(join(kpis, 'hotline.waiting.yaml'), quick)
const ioc = await up(binary, ['--no-simulate', '--kpi-dir', kpis])
const { until, port, url: wall } = ioc

function call(id, status, more = {}) {
  const now = new Date().toISOString()
  return JSON.stringify({
    specversion: '1.0', id: `${id}-${status}`, source: '/dong-xoai/service/tong-dai-1022',
    type: 'vn.binhphuoc.ioc.call.v1', time: now,
    data: { call_id: id, topic: 'Hộ tịch', status, queued_at: now, ...more },
  })
}

/** Publishes calls as an outside client does. */
function publish(ids, status) {
  for (const id of ids) {
    execFileSync('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port.mqtt), '-q', '1', '-t', 'ioc/dong-xoai/service/tong-dai-1022', '-m', call(id, status)])
  }
}

/** An alarm really comes up, on two desks of which one takes it. */
async function alarm(browser) {
  const open = async () => {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
    await page.goto(`${wall}/console?tab=alarms&kind=kpi&centre=dong-xoai`)
    await page.locator('[data-connected=true]').waitFor()
    await page.evaluate(() => { window.untouched = true })
    return page
  }
  const [one, other] = [await open(), await open()]
  const waiting = Array.from({ length: bound + 2 }, (_, i) => `w${i}`)
  const row = (page) => page.locator('.rows tbody tr', { hasText: 'Cuộc gọi 1022 đang chờ' })
  const stands = (page, as) => async () => (await row(page).locator('.c-state').innerText()) === as
  assert.equal(await row(one).count(), 0)

  const began = Date.now()
  publish(waiting, 'waiting')
  await until('the alarm is on the first desk', stands(one, 'Mới'), 60)
  console.log(`an alarm is on the desk ${Date.now() - began} ms after the calls were published`)
  await until('and on the second', stands(other, 'Mới'))
  assert.equal(await one.locator('.badge[data-tab=alarms]').count(), 1)

  await one.keyboard.press('j')
  await one.keyboard.press('Enter')
  await one.locator('.panel .actions').waitFor()
  const seen = Date.now()
  await one.keyboard.press('a')
  await until('the second desk sees that the first has it', stands(other, 'Đã xác nhận'))
  console.log(`what one desk acknowledges is on the other after ${Date.now() - seen} ms`)
  await until('and so does the first', stands(one, 'Đã xác nhận'))
  await one.locator('.panel .changes .chip', { hasText: 'Đã xác nhận' }).waitFor()

  publish(waiting, 'abandoned')
  for (const page of [one, other]) await until('the alarm has cleared', stands(page, 'Đã hết'), 60)
  for (const page of [one, other]) assert.ok(await page.evaluate(() => window.untouched), 'nothing was loaded again')

  // What has been is counted, under its cause.
  await other.keyboard.press('8')
  await other.locator('.rows tbody tr', { hasText: 'Cuộc gọi 1022 đang chờ' }).first().waitFor()
  await other.locator('.rows [data-row]').first().click()
  await until('the cause leads to its alarm', stands(other, 'Đã hết'))
  for (const page of [one, other]) await page.close()
}

async function main() {
  const browser = await launch()
  try {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    const outside = []
    page.on('request', (r) => { if (!r.url().startsWith(wall) && !r.url().startsWith(wall.replace('http', 'ws'))) outside.push(r.url()) })
    await page.goto(`${wall}/?scene=dong-xoai`)
    const tile = page.locator('[data-kpi="hotline.waiting"][data-centre="dong-xoai"]').first()
    await tile.waitFor()
    const shows = (text) => async () => (await tile.locator('[data-role=value]').innerText()).trim() === text

    execFileSync('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port.mqtt), '-q', '1',
      '-t', 'ioc/dong-xoai/service/tong-dai-1022', '-m', call('c1', 'waiting')])
    await until('a call published by mosquitto_pub waits on the wall', shows('1'))
    execFileSync('kcat', ['-b', `127.0.0.1:${port.kafka}`, '-P', '-t', 'ioc.dong-xoai.service', '-k', '/dong-xoai/service/tong-dai-1022'],
      { input: call('c2', 'waiting') })
    await until('a second one, published by kcat', shows('2'))
    execFileSync('kcat', ['-b', `127.0.0.1:${port.kafka}`, '-P', '-t', 'ioc.dong-xoai.service', '-k', '/dong-xoai/service/tong-dai-1022'],
      { input: call('c2', 'waiting') })
    execFileSync('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port.mqtt), '-q', '1',
      '-t', 'ioc/dong-xoai/service/tong-dai-1022', '-m', call('c1', 'abandoned')])
    await until('a repeat counts once, an abandoned call no longer waits', shows('1'))

    const refused = await until('a refused event is kept', async () => {
      execFileSync('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port.mqtt), '-q', '1',
        '-t', 'ioc/binh-long/service/x', '-m', call('c3', 'waiting')])
      const list = await (await fetch(`${wall}/api/v1/rejects`)).json()
      return list.rejects.find((r) => r.code === 'wrong_centre')
    })
    assert.equal(refused.topic, 'ioc/binh-long/service/x')

    await alarm(browser)

    const connected = page.locator('[data-role=connection]').first()
    ioc.server.kill('SIGSTOP')
    const stopped = Date.now()
    await until('the wall says that the connection is lost', async () => (await connected.getAttribute('data-connected')) === 'false', 10)
    console.log(`lost connection shown after ${Date.now() - stopped} ms`)
    ioc.server.kill('SIGCONT')
    await until('the wall mends itself', async () => (await connected.getAttribute('data-connected')) === 'true')
    assert.deepEqual(outside, [], 'requests that leave the server')
  } finally {
    await browser.close()
  }
  ioc.server.kill('SIGINT')
  const stop = Date.now()
  const { code } = await ioc.ended
  assert.equal(code, 0, `exit code after Ctrl-C\n${ioc.said()}`)
  assert.ok(Date.now() - stop < 10_000, 'Ctrl-C takes more than 10 s')
}

try {
  await main()
  console.log('the whole way works')
} finally {
  await ioc.stop(0)
  rmSync(kpis, { recursive: true, force: true })
}
