import { beforeEach, describe, expect, it } from 'vitest'

import type { Outside, Socket } from '../src/live'
import { Live, silenceLimit } from '../src/live'
import type { Alarm, AlarmPosition, Feed, Frame, Show, Value } from '../src/wire'

/** A world with a clock that is set by hand. */
class World implements Outside {
  clock = 1_000_000
  sockets: FakeSocket[] = []
  reloads = 0
  private timers: { at: number; run: () => void }[] = []

  open(): Socket {
    const socket = new FakeSocket()
    this.sockets.push(socket)
    return socket
  }
  now = () => this.clock
  random = () => 0.5
  after = (ms: number, run: () => void) => {
    const timer = { at: this.clock + ms, run }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((t) => t !== timer)
    }
  }
  reload = () => {
    this.reloads++
  }
  pass(ms: number): void {
    const end = this.clock + ms
    for (;;) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.timers = this.timers.filter((t) => t !== next)
      this.clock = next.at
      next.run()
    }
    this.clock = end
  }
}

interface Sent {
  type: string
  since: number
  epoch: string
  wall: string
  alarms?: AlarmPosition
}

class FakeSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: (() => void) | null = null
  sent: Sent[] = []
  closed = false
  send(data: string): void {
    this.sent.push(JSON.parse(data) as Sent)
  }
  close(): void {
    this.closed = true
  }
  say(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

const at = '2026-11-23T03:00:00Z'
const value = (n: number): Value => ({ kpi: 'hotline.waiting', centre: 'dong-xoai', value: n, state: 'ok', at, numerator: n, denominator: null })

describe('the live channel', () => {
  let world: World
  let live: Live
  let connected: boolean[]
  let values: { n: number; whole: boolean }[]
  let feeds: Feed[]
  let position: AlarmPosition
  let alarms: string[]
  let shows: Show[]
  let restarts: number
  let clock: number

  const socket = (i: number): FakeSocket => {
    const s = world.sockets[i]
    if (!s) throw new Error(`there is no socket ${i}`)
    return s
  }

  beforeEach(() => {
    world = new World()
    connected = []
    values = []
    feeds = []
    position = {}
    alarms = []
    shows = []
    restarts = 0
    live = new Live(world, {
      values: (v, whole) => values.push({ n: v[0]?.value ?? -1, whole }),
      feeds: (f) => (feeds = f),
      connected: (yes) => connected.push(yes),
      clock: (server) => (clock = server),
      alarms: (epoch, offset, list) => alarms.push(`${epoch}/${offset}: ${list.map((a) => a.id).join()}`),
      alarm: (epoch, offset, a) => alarms.push(`${epoch}/${offset} ${a.id}`),
      position: () => position,
      show: (s) => shows.push(s),
      restarted: () => restarts++,
    }, 'main')
    live.start()
    socket(0).say({ type: 'hello', build: 'b1', epoch: 'e1', at })
  })

  it('subscribes after the greeting, and takes a snapshot and deltas', () => {
    expect(socket(0).sent).toEqual([{ type: 'subscribe', since: 0, epoch: 'e1', wall: 'main', alarms: {} }])
    socket(0).say({ type: 'snapshot', seq: 7, at, values: [value(3)] })
    socket(0).say({ type: 'delta', seq: 8, at, values: [value(4)] })
    socket(0).say({ type: 'feeds', seq: 8, at, feeds: [] })
    expect(values).toEqual([{ n: 3, whole: true }, { n: 4, whole: false }])
    expect(connected.at(-1)).toBe(true)
    expect(feeds).toEqual([])
  })

  it('resumes where it broke off, when the epoch is the same', () => {
    socket(0).say({ type: 'snapshot', seq: 7, at, values: [value(3)] })
    socket(0).onclose?.()
    expect(connected.at(-1)).toBe(false)
    world.pass(1000)
    socket(1).say({ type: 'hello', build: 'b1', epoch: 'e1', at })
    expect(socket(1).sent[0]).toMatchObject({ since: 7, epoch: 'e1' })
    expect(restarts).toBe(0)
    socket(1).say({ type: 'heartbeat', seq: 7, at })
    expect(connected.at(-1)).toBe(true)
  })

  it('asks for everything from a server with another epoch', () => {
    socket(0).say({ type: 'snapshot', seq: 7, at, values: [value(3)] })
    socket(0).onclose?.()
    world.pass(1000)
    socket(1).say({ type: 'hello', build: 'b1', epoch: 'e2', at })
    expect(socket(1).sent[0]?.since).toBe(0)
    expect(restarts).toBe(1)
  })

  it('notices a line on which nothing comes, within 3 seconds', () => {
    socket(0).say({ type: 'snapshot', seq: 7, at, values: [value(3)] })
    world.pass(silenceLimit - 1)
    expect(connected.at(-1)).toBe(true)
    socket(0).say({ type: 'heartbeat', seq: 7, at })
    world.pass(silenceLimit + 1)
    expect(connected.at(-1)).toBe(false)
    expect(socket(0).closed).toBe(true)
    expect(silenceLimit).toBeLessThan(3000)
  })

  it('follows the stream of alarms from where it stands', () => {
    const alarm = { id: 'a' } as Alarm
    socket(0).say({ type: 'alarms', epoch: 'x', offset: 4, alarms: [alarm] })
    socket(0).say({ type: 'alarm', epoch: 'x', offset: 5, alarm })
    expect(alarms).toEqual(['x/4: a', 'x/5 a'])
    position = { epoch: 'x', offset: 5 }
    socket(0).onclose?.()
    world.pass(1000)
    socket(1).say({ type: 'hello', build: 'b1', epoch: 'e1', at })
    expect(socket(1).sent[0]?.alarms).toEqual({ epoch: 'x', offset: 5 })
  })

  it('hands on what the wall is told, whose time is no sign of the server\'s clock', () => {
    socket(0).say({ type: 'heartbeat', seq: 7, at })
    socket(0).say({ type: 'show', wall: 'main', scene: 'hotline', paused: true, at: '2020-01-01T00:00:00Z' })
    expect(shows.map((s) => s.scene)).toEqual(['hotline'])
    expect(clock).toBe(Date.parse(at))
  })

  it('waits longer each time, up to 5 seconds, and less again after success', () => {
    for (let i = 0; i < 8; i++) {
      world.sockets.at(-1)?.onclose?.()
      world.pass(5000)
    }
    const tries = world.sockets.length
    world.sockets.at(-1)?.onclose?.()
    world.pass(4900)
    expect(world.sockets.length).toBe(tries)
    world.pass(200)
    expect(world.sockets.length).toBe(tries + 1)
    world.sockets.at(-1)?.say({ type: 'hello', build: 'b1', epoch: 'e1', at })
    world.sockets.at(-1)?.say({ type: 'snapshot', seq: 1, at, values: [value(1)] })
    world.sockets.at(-1)?.onclose?.()
    world.pass(600)
    expect(world.sockets.length).toBe(tries + 2)
  })

  it('ignores what an abandoned socket still says', () => {
    socket(0).onclose?.()
    socket(0).say({ type: 'snapshot', seq: 9, at, values: [value(9)] })
    expect(values).toEqual([])
  })

  it('renews the page for a server of another build, at most once a minute', () => {
    const greet = (build: string) => {
      world.sockets.at(-1)?.onclose?.()
      world.pass(700)
      world.sockets.at(-1)?.say({ type: 'hello', build, epoch: build, at })
      world.sockets.at(-1)?.say({ type: 'snapshot', seq: 1, at, values: [value(1)] }) // the next try comes soon
    }
    greet('b2') // the page is too young to be renewed
    expect(world.reloads).toBe(0)
    for (let second = 0; second < 61; second++) {
      world.pass(1000)
      world.sockets.at(-1)?.say({ type: 'heartbeat', seq: 1, at })
    }
    greet('b2')
    expect(world.reloads).toBe(1)
    greet('b3')
    expect(world.reloads).toBe(1)
  })

  it('asks for everything after sleep', () => {
    socket(0).say({ type: 'snapshot', seq: 7, at, values: [value(3)] })
    live.renew()
    world.pass(1)
    socket(1).say({ type: 'hello', build: 'b1', epoch: 'e1', at })
    expect(socket(1).sent[0]?.since).toBe(0)
  })
})
