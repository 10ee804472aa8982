import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createDuty, remember, remembered } from '../src/console/duty'

const hour = 60 * 60_000
const now = Date.parse('2026-10-05T01:00:00Z')

/** What a browser keeps. */
function browser() {
  const kept = new Map<string, string>()
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
}

/** A server with one session, by the contract. */
class Server {
  name = ''
  said: string[] = []
  constructor(readonly token_needed: boolean) {}
  fetch = (_: string, { method, body }: { method?: string; body?: string }): Promise<Response> => {
    if (method === 'POST') {
      const name = (JSON.parse(body ?? '') as { name: string }).name.trim().normalize('NFC')
      if (name.length > 60) return Promise.resolve(Response.json({ detail: 'Họ và tên dài hơn 60 ký tự.' }, { status: 400 }))
      this.said.push(name)
      this.name = name
    }
    return Promise.resolve(Response.json({ name: this.name, token_needed: this.token_needed }))
  }
}

function open(server: Server) {
  vi.stubGlobal('fetch', server.fetch)
  return createDuty(() => 'vi')
}

beforeEach(() => {
  vi.useFakeTimers({ now })
  vi.stubGlobal('localStorage', browser())
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the name that a browser remembers', () => {
  it('is that of one shift', () => {
    const store = browser()
    expect(remembered(now, store)).toBe('')
    remember('Nguyễn Văn A', now, store)
    expect([0, 11.9, 12, -1].map((h) => remembered(now + h * hour, store))).toEqual(['Nguyễn Văn A', 'Nguyễn Văn A', '', ''])
    remember('', now, store)
    expect(remembered(now, store)).toBe('')
  })

  it('is none where something else is kept', () => {
    for (const value of ['', 'Nguyễn Văn A', `${now + hour} `, 'x A']) expect(remembered(now, { getItem: () => value })).toBe('')
  })
})

describe('who is on duty', () => {
  it('is what the server has taken', async () => {
    const duty = open(new Server(true))
    await duty.check()
    expect(duty.name()).toBe('')
    await duty.say(' Nguye\u0302\u0303n Văn A ')
    expect(duty.name()).toBe('Nguyễn Văn A')
    await expect(duty.say('a'.repeat(61))).rejects.toThrow('dài hơn 60')
    expect(duty.name()).toBe('Nguyễn Văn A')
    await duty.say('')
    expect(duty.name()).toBe('')
  })

  it('is told again to a server without a token that has begun anew, for one shift', async () => {
    await open(new Server(false)).say('Nguyễn Văn A')
    const anew = new Server(false)
    const duty = open(anew)
    await duty.check()
    expect([duty.name(), anew.said]).toEqual(['Nguyễn Văn A', ['Nguyễn Văn A']])
    vi.setSystemTime(now + 12 * hour)
    const later = new Server(false)
    await open(later).check()
    expect(later.said).toEqual([])
  })

  it('is not told to a server that asks for a token: who signed in there without a name may be somebody else', async () => {
    await open(new Server(true)).say('Nguyễn Văn A')
    const server = new Server(true)
    const duty = open(server)
    await duty.check()
    expect([duty.name(), server.said]).toEqual(['', []])
  })

  it('is what was said last, whatever an older answer says', async () => {
    const server = new Server(false)
    const duty = open(server)
    await duty.say('A')
    let late: () => void = () => undefined
    vi.stubGlobal('fetch', async (path: string, more: { method?: string }) => {
      const answer = await server.fetch(path, more)
      if (more.method !== 'POST') await new Promise<void>((done) => { late = done })
      return answer
    })
    const slow = duty.check()
    await duty.say('B')
    late()
    await slow
    expect(duty.name()).toBe('B')
  })
})
