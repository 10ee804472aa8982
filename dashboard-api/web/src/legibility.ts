// How large things must be on a wall, and how large they are. style.css has the same sizes, in rem of 16 px
// at 1920×1080, and schemas/scene that of numbers, to check the screens of walls; a test compares them.

/** Pixel sizes of type in the design space of 1920×1080. */
export const sizes = { number: 72, name: 32, word: 26, small: 24 }

/** Minutes of arc that type of so many pixels spans, on a 16:9 screen of so many inches, seen from so many metres. */
export function arcMinutes(px: number, inches = 55, metres = 5): number {
  const width = (inches * 25.4 * 16) / Math.hypot(16, 9)
  const mm = (px * width) / 1920
  return (Math.atan(mm / (metres * 1000)) * 180 * 60) / Math.PI
}
