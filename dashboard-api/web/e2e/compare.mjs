// Compares pictures with those that somebody has looked at, in golden/. UPDATE=1 takes new ones. They are a half of the screen's size or
// less: enough to see what moved, small enough to keep. PICTURES names a folder for those that differ.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'

const folder = join(new URL('.', import.meta.url).pathname, 'golden')
const seenIn = process.env.PICTURES ?? join(tmpdir(), 'ioc-golden')
const update = process.env.UPDATE === '1'
const wrong = []
let compared = 0

/** Tolerance is the share of the pixels that may differ: another version of the browser draws edges of letters a little differently. */
export function compare(name, picture, tolerance) {
  const file = join(folder, `${name}.png`)
  if (update) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, picture)
    return
  }
  if (!existsSync(file)) {
    wrong.push(`${name}: there is no golden picture; look at the page, then run with UPDATE=1`)
    return
  }
  const want = PNG.sync.read(readFileSync(file))
  const got = PNG.sync.read(picture)
  compared++
  const same = want.width === got.width && want.height === got.height
  const diff = new PNG({ width: want.width, height: want.height })
  const pixels = same ? pixelmatch(want.data, got.data, diff.data, want.width, want.height, { threshold: 0.2 }) : Infinity
  if (pixels <= tolerance * want.width * want.height) return
  mkdirSync(seenIn, { recursive: true })
  writeFileSync(join(seenIn, `${name}.png`), picture)
  if (same) writeFileSync(join(seenIn, `${name}.diff.png`), PNG.sync.write(diff))
  wrong.push(same ? `${name}: ${pixels} pixels differ, see ${seenIn}` : `${name}: ${got.width}×${got.height}, was ${want.width}×${want.height}`)
}

/** Fails when a picture is not as it was. */
export function settle() {
  assert.deepEqual(wrong, [])
  console.log(update ? 'new golden pictures: look at each of them' : `${compared} pictures are as they were`)
}
