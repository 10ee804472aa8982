// The editor of scenes in a real browser, with a made-up server that keeps versions as the real one does: drag, resize, keys, undo, a fault at
// its widget, save, a conflict, restore, import. PICTURES names a folder in which to keep pictures.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { launch } from './browser.mjs'
import { inhabit, scenes, serve, world } from './fake.mjs'
import { fakeScenes } from './fake-scenes.mjs'

const pictures = process.env.PICTURES
if (pictures) mkdirSync(pictures, { recursive: true })
const now = Date.parse('2026-11-23T03:12:00Z')
const server = await serve()
const browser = await launch()
let passed = 0

async function open(query = '') {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  const wrong = []
  page.on('pageerror', (e) => wrong.push(String(e)))
  page.on('console', (m) => { if (m.text().includes('Content Security Policy')) wrong.push(m.text()) })
  const w = world('calm', now)
  await inhabit(page, w)
  const state = await fakeScenes(page, w, now)
  await page.goto(`${server.url}/edit.html?scene=hotline${query}`)
  const grip = (i) => page.locator(`.grip[data-widget="${i}"]`)
  await grip(0).waitFor()
  await page.locator('.drawn .widget [data-role="value"]').first().waitFor()
  const place = async (i) => (await grip(i).evaluate((e) => e.style.gridArea)).replaceAll(' ', '')
  /** How large a cell is, with its gap. */
  const cell = async () => {
    const box = await page.locator('.grips').boundingBox()
    const s = scenes.find((x) => x.id === 'hotline')
    return { x: box.width / s.columns, y: box.height / s.rows }
  }
  const pull = async (locator, dx, dy) => {
    const box = await locator.boundingBox()
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    await page.mouse.move(at.x, at.y)
    await page.mouse.down()
    await page.mouse.move(at.x + dx / 2, at.y + dy / 2)
    await page.mouse.move(at.x + dx, at.y + dy)
    await page.mouse.up()
  }
  const save = async (why) => {
    await page.getByLabel('Lý do sửa').fill(why)
    await page.getByRole('button', { name: 'Lưu', exact: true }).click()
  }
  const picture = async (name) => {
    if (!pictures) return
    await page.waitForFunction(() => !document.querySelector('.drawn .chart[data-loaded="false"]'))
    await page.screenshot({ path: join(pictures, `${name}.png`) })
  }
  const close = async () => {
    assert.deepEqual(wrong, [])
    await page.close()
  }
  return { page, w, state, grip, place, cell, pull, save, picture, close }
}

const first = scenes.find((s) => s.id === 'hotline').widgets[0]
const area = (w) => `${w.y}/${w.x}/span${w.h}/span${w.w}`

const cases = {
  async 'a widget is dragged in whole cells, undone and done again'() {
    const { page, grip, place, cell, pull, picture, close } = await open()
    assert.equal(await place(0), area(first))
    await picture('edit')
    const c = await cell()
    await pull(grip(0), 2.3 * c.x, 0.9 * c.y)
    assert.equal(await place(0), area({ ...first, x: first.x + 2, y: first.y + 1 }))
    await page.locator('[data-role="unsaved"]').waitFor()
    await page.locator('.grip.crowded').first().waitFor()
    await picture('crowded')
    await page.getByRole('button', { name: 'Hoàn tác' }).click()
    assert.equal(await place(0), area(first))
    await page.getByRole('button', { name: 'Làm lại' }).click()
    assert.equal(await place(0), area({ ...first, x: first.x + 2, y: first.y + 1 }))
    await pull(grip(0), -20 * c.x, -20 * c.y)
    assert.equal(await place(0), area({ ...first, x: 1, y: 1 }), 'it stays in the grid')
    await close()
  },
  async 'a corner and shift with arrows resize, arrows move, and the focus stays'() {
    const { page, grip, place, cell, pull, close } = await open()
    const c = await cell()
    await pull(grip(0).locator('.corner'), c.x, c.y)
    assert.equal(await place(0), area({ ...first, w: first.w + 1, h: first.h + 1 }))
    await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Shift+ArrowUp')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    assert.equal(await place(0), area({ ...first, x: first.x + 1, y: first.y + 1 }))
    const n = await page.locator('.grip').count()
    await page.keyboard.press('Delete')
    assert.equal(await page.locator('.grip').count(), n - 1)
    await page.keyboard.press('Control+z')
    assert.equal(await page.locator('.grip').count(), n)
    await close()
  },
  async 'what a widget shows is chosen in the form, and the preview shows it'() {
    const { page, grip, state, save, close } = await open()
    await grip(0).click()
    await page.getByLabel('Tiêu đề tiếng Việt').fill('Đang gọi 1022')
    await page.getByLabel('Tiêu đề tiếng Anh').fill('Calling 1022')
    await page.getByLabel('Tiêu đề tiếng Anh').press('Tab')
    await page.locator('.drawn').getByText('Đang gọi 1022').waitFor()
    await page.locator('.kinds [data-kind="clock"]').click()
    await page.locator('.drawn .widget.clock').waitFor()
    await save('Đổi tên')
    await page.getByText('Đã lưu phiên bản 1').waitFor()
    const put = state.puts[0]
    const sent = JSON.parse(put.body)
    assert.deepEqual([put.method, put.base, put.why, sent.widgets[0].title, sent.widgets.at(-1).kind], ['PUT', '"0"', 'Đổi tên', { vi: 'Đang gọi 1022', en: 'Calling 1022' }, 'clock'])
    await page.getByText('Chưa lưu').waitFor({ state: 'detached' })
    await close()
  },
  async 'nothing is saved without why, and what the server refuses is said at its widget'() {
    const { page, grip, state, save, picture, close } = await open()
    await grip(1).focus()
    await page.keyboard.press('Shift+ArrowLeft')
    await page.getByRole('button', { name: 'Lưu', exact: true }).click()
    await page.getByText('Hãy ghi lý do sửa').waitFor()
    assert.equal(state.puts.length, 0)
    state.refuse = { field: 'widgets[1].w', sentence: { vi: 'ô number nhỏ quá không đọc được', en: 'a number can\'t be read so small' } }
    await save('Thu nhỏ')
    await grip(1).getByText('w: ô number nhỏ quá không đọc được').waitFor()
    await page.locator('[data-role="unsaved"]').waitFor()
    await picture('refused')
    await close()
  },
  async 'of two who save the second is told, keeps the draft over a reload, and may take the new one'() {
    const { page, grip, place, state, save, picture, close } = await open()
    await grip(0).focus()
    await page.keyboard.press('ArrowDown')
    const theirs = structuredClone(scenes.find((s) => s.id === 'hotline'))
    theirs.name.vi = 'Của người khác'
    state.save('hotline', theirs, 'trước', 'chi.nguyen')
    await save('sau')
    await page.getByRole('alert').getByText('chi.nguyen đã sửa cảnh này, nay là phiên bản 1.').waitFor()
    await picture('conflict')
    await page.reload()
    await page.locator('[data-role="unsaved"]').waitFor()
    assert.equal(await place(0), area({ ...first, y: first.y + 1 }), 'the draft is there after a reload')
    await save('sau')
    await page.getByRole('button', { name: 'Tải bản mới' }).click()
    await page.locator('.about-scene').getByText('Của người khác').waitFor()
    assert.equal(await place(0), area(first))
    assert.equal(state.kept.get('hotline').length, 1)
    await close()
  },
  async 'a version is restored, the shipped one comes back, and a file is taken in'() {
    const { page, state, grip, place, save, picture, close } = await open()
    for (const why of ['một', 'hai']) {
      await grip(0).focus()
      await page.keyboard.press('ArrowDown')
      await save(why)
      await page.locator('.versions').getByText(why, { exact: true }).waitFor()
    }
    assert.equal(await place(0), area({ ...first, y: first.y + 2 }))
    await picture('versions')
    await page.locator('[data-version="1"]').getByRole('button', { name: 'Khôi phục' }).click()
    await page.getByText('Đã lưu phiên bản 3').waitFor()
    assert.equal(await place(0), area({ ...first, y: first.y + 1 }))
    await page.getByRole('button', { name: 'Về cảnh gốc' }).click()
    await page.getByText('Đã lưu phiên bản 4').waitFor()
    assert.equal(await place(0), area(first))
    await page.locator('#import').setInputFiles({ name: 'hotline.yaml', mimeType: 'text/yaml', buffer: Buffer.from('# x\nid: hotline\nname: { vi: Nhập, en: Imported }\n') })
    await page.locator('.about-scene').getByText('Nhập').waitFor()
    const last = state.puts.at(-1)
    assert.deepEqual([last.type, last.base, last.why], ['application/yaml', '"4"', 'Nhập từ tệp hotline.yaml'])
    assert.equal(await page.getByRole('link', { name: 'Xuất tệp YAML' }).getAttribute('href'), '/api/v1/scenes/hotline/export')
    await close()
  },
  async 'it speaks English too'() {
    const { page, picture, close } = await open()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Edit scenes' }).waitFor()
    await picture('english')
    await close()
  },
}

try {
  for (const [name, run] of Object.entries(cases)) {
    if (process.env.ONLY && !name.includes(process.env.ONLY)) continue
    await run()
    passed++
    console.log(`ok: ${name}`)
  }
  console.log(`${passed} cases of the editor hold`)
} finally {
  await browser.close()
  server.close()
}
