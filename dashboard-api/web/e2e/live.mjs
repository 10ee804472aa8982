// The whole way: an event that an outside client publishes is seen on the wall, in a real browser.
// Needs IOC_TEST_BINARY (the built binary), mosquitto_pub, kcat and Chromium.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { launch } from './browser.mjs'

const binary = process.env.IOC_TEST_BINARY
assert.ok(binary, 'set IOC_TEST_BINARY to the built ioc binary')
const data = mkdtempSync(join(tmpdir(), 'ioc-live-'))
const port = { http: 18080, mqtt: 11883, kafka: 19292, clickhouse: 19200 }
const wall = `http://127.0.0.1:${port.http}`

const server = spawn(
  binary,
  [
    'up', '--no-simulate', '--data', data,
    '--listen', `127.0.0.1:${port.http}`, '--mqtt-listen', `127.0.0.1:${port.mqtt}`,
    '--kafka-listen', `127.0.0.1:${port.kafka}`, '--clickhouse-listen', `127.0.0.1:${port.clickhouse}`,
  ],
  { stdio: ['ignore', 'pipe', 'pipe'] },
)
let said = ''
for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (said += chunk))
let exited = false
const ended = new Promise((resolve) => server.on('exit', (code, signal) => { exited = true; resolve({ code, signal }) }))

async function until(what, check, seconds = 20) {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const value = await check().catch(() => undefined)
    if (value) return value
    if (exited || Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}\n${said.slice(-3000)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function call(id, status, more = {}) {
  const now = new Date().toISOString()
  return JSON.stringify({
    specversion: '1.0', id: `${id}-${status}`, source: '/dong-xoai/service/tong-dai-1022',
    type: 'vn.binhphuoc.ioc.call.v1', time: now,
    data: { call_id: id, topic: 'Hộ tịch', status, queued_at: now, ...more },
  })
}

async function main() {
  await until('the server is ready', async () => (await fetch(`${wall}/readyz`)).ok, 180)
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

    const connected = page.locator('[data-role=connection]').first()
    server.kill('SIGSTOP')
    const stopped = Date.now()
    await until('the wall says that the connection is lost', async () => (await connected.getAttribute('data-connected')) === 'false', 10)
    console.log(`lost connection shown after ${Date.now() - stopped} ms`)
    server.kill('SIGCONT')
    await until('the wall mends itself', async () => (await connected.getAttribute('data-connected')) === 'true')
    assert.deepEqual(outside, [], 'requests that leave the server')
  } finally {
    await browser.close()
  }
  server.kill('SIGINT')
  const stop = Date.now()
  const { code } = await ended
  assert.equal(code, 0, `exit code after Ctrl-C\n${said.slice(-3000)}`)
  assert.ok(Date.now() - stop < 10_000, 'Ctrl-C takes more than 10 s')
}

try {
  await main()
  console.log('the whole way works')
} finally {
  server.kill('SIGKILL')
  await ended
  rmSync(data, { recursive: true, force: true })
}
