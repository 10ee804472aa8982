import type { Turn } from './rotation'
import type { Scene, Wall } from './wire'

/**
 * The scenes that a wall turns over, each with its time. One that there is not is left out, one that the address names is taken in;
 * an unknown wall turns over all.
 */
export function programme(
  walls: Wall[], scenes: Scene[], wall: string, seconds: number | null, pinned: string | null,
): { scenes: Scene[]; turns: Turn[]; takeOver: boolean } {
  const own = walls.find((w) => w.id === wall)
  const listed = [...(own?.scenes ?? scenes.map((s) => ({ scene: s.id, seconds: 20 })))]
  if (pinned && !listed.some((t) => t.scene === pinned)) listed.push({ scene: pinned, seconds: 20 })
  const list = listed.flatMap((t) => {
    const scene = scenes.find((s) => s.id === t.scene)
    return scene ? [{ scene, ms: (seconds ?? t.seconds) * 1000 }] : []
  })
  return { scenes: list.map((l) => l.scene), turns: list.map((l) => ({ scene: l.scene.id, ms: l.ms })), takeOver: own?.take_over ?? true }
}

/** What a person chose: in the address, or before on this screen, or neither. */
export function chosen<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  const asked = new URLSearchParams(location.search).get(name)
  const before = localStorage.getItem(name)
  const value = allowed.find((a) => a === asked) ?? allowed.find((a) => a === before) ?? otherwise
  if (asked === value) localStorage.setItem(name, value)
  return value
}
