/** How long a sign of the server's clock counts, in ms. */
const memory = 60_000

/**
 * How far the server's clock is ahead of this machine's, in ms. A frame says when it was made, and is read later: the way
 * makes the server's clock look behind, never ahead. So the largest difference of the last minute is the nearest.
 */
export class Skew {
  private signs: { at: number; ahead: number }[] = []

  /** Takes a time that the server gave, at a time of this machine. */
  take(server: number, now: number): void {
    if (!Number.isFinite(server)) return
    const ahead = server - now
    // What is older and says less can never be the largest again. A sign from the future is of before this machine's clock was set back.
    this.signs = this.signs.filter((s) => s.at > now - memory && s.at <= now && s.ahead > ahead)
    this.signs.push({ at: now, ahead })
  }

  get ahead(): number {
    return this.signs[0]?.ahead ?? 0
  }
}
