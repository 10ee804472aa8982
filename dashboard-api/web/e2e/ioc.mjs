// The platform itself, with its embedded engines, data in a folder of its own and on ports that nobody has.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Ports that nobody listens on. All are held until the last is found, so that none is given twice. */
async function free(n) {
  const held = await Promise.all(Array.from({ length: n }, () => new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => resolve(server))
  })))
  const ports = held.map((s) => s.address().port)
  await Promise.all(held.map((s) => new Promise((done) => s.close(done))))
  return ports
}

/** Starts `ioc up` with more arguments, and waits until it is ready. */
export async function up(binary, more) {
  const data = mkdtempSync(join(tmpdir(), 'ioc-e2e-'))
  const [http, mqtt, kafka, clickhouse] = await free(4)
  const at = (port) => `127.0.0.1:${port}`
  const url = `http://${at(http)}`
  const server = spawn(
    binary, ['up', '--data', data, '--listen', at(http), '--mqtt-listen', at(mqtt), '--kafka-listen', at(kafka), '--clickhouse-listen', at(clickhouse), ...more],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (said = (said + chunk).slice(-5000)))
  let exited = false
  const ended = new Promise((resolve) => server.on('exit', (code, signal) => { exited = true; resolve({ code, signal }) }))
  const it = {
    url, server, ended, port: { http, mqtt, kafka },
    /** The end of what it wrote. */
    said: () => said,
    /** Asks again and again until there is something, or it is over. */
    async until(what, check, seconds = 20) {
      const deadline = Date.now() + seconds * 1000
      for (;;) {
        const value = await check().catch(() => undefined)
        if (value) return value
        if (exited || Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}\n${said}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    /** Ends it, after a while by force, and removes its data. */
    async stop(patience = 15_000) {
      server.kill('SIGTERM')
      const late = setTimeout(() => server.kill('SIGKILL'), patience)
      await ended
      clearTimeout(late)
      // An engine whose server was killed ends a moment later, and writes until then.
      rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    },
  }
  try {
    await it.until('the server is ready', async () => (await fetch(`${url}/readyz`)).ok, 180)
  } catch (error) {
    await it.stop(0)
    throw error
  }
  return it
}
