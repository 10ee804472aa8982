/** How long alarms may be muted at once, in minutes. A mute ends by itself: silence that nobody remembers is the danger. */
export const muteFor = [5, 15, 30] as const

const kept = 'console.muted'

/** Until when alarms are muted, in ms; 0: they are not. */
export function mutedUntil(now: number, store: Pick<Storage, 'getItem'> = localStorage): number {
  const until = Number(store.getItem(kept))
  const longest = muteFor[muteFor.length - 1] ?? 0
  // A time beyond the longest mute comes from a clock that was set wrong.
  return until > now && until <= now + longest * 60_000 ? until : 0
}

export function mute(until: number, store: Pick<Storage, 'setItem'> = localStorage): void {
  store.setItem(kept, String(until))
}

/** The tones of a priority: the more urgent, the more of them, and the higher. In Hz and seconds. */
export function tones(priority: number): { at: number; hertz: number }[] {
  const hertz = { 1: 988, 2: 784, 3: 587 }[priority]
  if (hertz === undefined) return [] // the lowest priority makes no sound
  return Array.from({ length: 4 - priority }, (_, i) => ({ at: i * 0.22, hertz }))
}

let context: AudioContext | undefined

/** Browsers play nothing before a person has touched the page. */
export function audible(): boolean {
  return context?.state === 'running'
}

/** Asks for leave to make sounds. To be called when a person does something. */
export async function unlock(): Promise<boolean> {
  context ??= new AudioContext()
  await context.resume().catch(() => undefined)
  return audible()
}

export function play(priority: number): void {
  if (!context || !audible()) return
  for (const tone of tones(priority)) {
    const begin = context.currentTime + tone.at
    const gain = context.createGain()
    gain.gain.setValueAtTime(0, begin)
    gain.gain.linearRampToValueAtTime(0.25, begin + 0.02)
    gain.gain.linearRampToValueAtTime(0, begin + 0.18)
    gain.connect(context.destination)
    const source = context.createOscillator()
    source.frequency.value = tone.hertz
    source.connect(gain)
    source.start(begin)
    source.stop(begin + 0.2)
  }
}
