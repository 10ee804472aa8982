import type { Alarm, AlarmPosition, Feed, Frame, Show, Value } from './wire'

/** What the live channel needs of the outside; tests bring their own. */
export interface Outside {
  open(): Socket
  now(): number
  random(): number
  after(ms: number, run: () => void): () => void
  reload(): void
}

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: (() => void) | null
  send(data: string): void
  close(): void
}

export interface Listener {
  values(values: Value[], whole: boolean): void
  feeds(feeds: Feed[]): void
  connected(yes: boolean): void
  /** A time that the server gave, in ms. */
  clock(server: number): void
  /** All alarms that are open, or one that changed. */
  alarms(epoch: string, offset: number, alarms: Alarm[]): void
  alarm(epoch: string, offset: number, alarm: Alarm): void
  /** Where the listener stands in the stream of alarms. */
  position(): AlarmPosition
  show(show: Show): void
  /** The server is another one than before: it was restarted. */
  restarted(): void
}

/** The server sends at least once a second. After this long without a frame the line counts as lost, in ms. */
export const silenceLimit = 2500
const firstWait = 500
const longestWait = 5000
/** A page that was made by another build renews itself, at most once in this time, in ms. */
const reloadSpacing = 60_000

/** Keeps one connection to the server alive, and resumes where the last one broke off. */
export class Live {
  private socket: Socket | null = null
  private seq = 0
  private epoch = ''
  private build = ''
  private wait = firstWait
  private stopSilence = () => {}
  private reloaded: number

  constructor(
    private readonly outside: Outside,
    private readonly listener: Listener,
    private readonly wall: string,
  ) {
    this.reloaded = outside.now()
  }

  start(): void {
    const socket = this.outside.open()
    this.socket = socket
    this.expectFrame()
    socket.onmessage = (event) => {
      if (this.socket !== socket || typeof event.data !== 'string') return
      this.expectFrame()
      this.take(socket, JSON.parse(event.data) as Frame)
    }
    socket.onclose = () => {
      if (this.socket === socket) this.lost()
    }
  }

  /** After sleep or a hidden tab: what is on the screen can't be trusted, so all is asked for anew. */
  renew(): void {
    this.seq = 0
    if (this.socket) this.lost(0)
  }

  private expectFrame(): void {
    this.stopSilence()
    this.stopSilence = this.outside.after(silenceLimit, () => {
      this.lost()
    })
  }

  private lost(wait?: number): void {
    this.stopSilence()
    const socket = this.socket
    this.socket = null
    socket?.close()
    this.listener.connected(false)
    const delay = wait ?? this.wait * (0.75 + this.outside.random() / 2)
    this.wait = Math.min(this.wait * 2, longestWait)
    this.outside.after(delay, () => {
      if (!this.socket) this.start()
    })
  }

  private take(socket: Socket, frame: Frame): void {
    if ('at' in frame && frame.type !== 'show') this.listener.clock(Date.parse(frame.at))
    switch (frame.type) {
      case 'hello':
        this.greet(socket, frame.build, frame.epoch)
        break
      case 'snapshot':
      case 'delta':
        this.seq = frame.seq
        this.wait = firstWait
        this.listener.values(frame.values, frame.type === 'snapshot')
        this.listener.connected(true)
        break
      case 'feeds':
        this.listener.feeds(frame.feeds)
        break
      case 'heartbeat':
        // After a resume without changes this is the first sign that all is up to date.
        if (this.seq > 0) this.listener.connected(true)
        break
      case 'alarms':
        this.listener.alarms(frame.epoch, frame.offset, frame.alarms)
        break
      case 'alarm':
        this.listener.alarm(frame.epoch, frame.offset, frame.alarm)
        break
      case 'show':
        this.listener.show(frame)
        break
      case 'error':
        console.warn('the server refused the subscription:', frame.detail)
        break
    }
  }

  private greet(socket: Socket, build: string, epoch: string): void {
    if (this.build && build !== this.build && this.outside.now() - this.reloaded >= reloadSpacing) {
      this.reloaded = this.outside.now()
      this.outside.reload()
      return
    }
    this.build ||= build
    if (epoch !== this.epoch) {
      this.seq = 0
      if (this.epoch) this.listener.restarted()
    }
    this.epoch = epoch
    socket.send(JSON.stringify({ type: 'subscribe', since: this.seq, epoch, wall: this.wall, alarms: this.listener.position() }))
  }
}

/** The real outside: a WebSocket to the server that the page came from. */
export function browser(): Outside {
  return {
    open() {
      const url = new URL('/api/v1/live', location.href)
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
      return new WebSocket(url) as unknown as Socket
    },
    now: () => Date.now(),
    random: () => Math.random(),
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => {
        clearTimeout(timer)
      }
    },
    reload() {
      location.reload()
    },
  }
}
