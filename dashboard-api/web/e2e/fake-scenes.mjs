// The scenes of the server, made up.
import { scenes } from './fake.mjs'

/** Answers as the server does, by the contract: it keeps versions from a moment on. */
export async function fakeScenes(page, w, now) {
  const kept = new Map() // versions by id, the oldest first
  const shipped = structuredClone(scenes)
  const state = { kept, puts: [], refuse: null }
  const of = (id) => kept.get(id) ?? []
  const save = (id, scene, why, by = '127.0.0.1', removed = false) => {
    const v = { id, version: of(id).length + 1, at: new Date(now).toISOString(), by, why, removed, scene }
    kept.set(id, [...of(id), v])
    w.scenes = shipped.map((s) => { const n = of(s.id).at(-1); return n && !n.removed ? n.scene : s })
    return v
  }
  state.save = save
  const problem = (r, status, detail, more = {}) => r.fulfill({ status, contentType: 'application/problem+json', json: { type: 'about:blank', title: 'x', status, detail, ...more } })
  await page.route('**/api/v1/scenes/**', async (r) => {
    const request = r.request()
    const url = new URL(request.url())
    const [id, what, n, restore] = url.pathname.split('/').slice(4)
    const file = shipped.find((s) => s.id === id)
    const method = request.method()
    if (!file) return problem(r, 404, 'Không có cảnh này.')
    if (method === 'GET' && what === 'versions' && n === undefined) {
      return r.fulfill({ json: { id, version: of(id).length, shipped: true, versions: of(id).map(({ scene: _, ...v }) => v).reverse() } })
    }
    if (method === 'GET' && what === 'versions') {
      return r.fulfill({ json: n === '0' ? { id, version: 0, at: '0001-01-01T00:00:00Z', by: '', why: '', removed: false, scene: file } : of(id)[Number(n) - 1] })
    }
    const why = url.searchParams.get('why')
    state.puts.push({ method, id, why, base: request.headers()['if-match'], type: request.headers()['content-type'], body: request.postData() })
    if (request.headers()['if-match'] !== `"${of(id).length}"`) return problem(r, 409, `chi.nguyen đã sửa cảnh này, nay là phiên bản ${of(id).length}.`)
    if (state.refuse) return problem(r, 422, 'Cảnh có 1 lỗi, chưa lưu gì.', { faults: [state.refuse] })
    if (restore) return r.fulfill({ json: save(id, of(id)[Number(n) - 1].scene, why) })
    if (method === 'DELETE') return r.fulfill({ json: save(id, undefined, why, undefined, true) })
    const yaml = request.headers()['content-type'] === 'application/yaml'
    return r.fulfill({ json: save(id, yaml ? { ...file, name: { vi: 'Nhập', en: 'Imported' } } : JSON.parse(request.postData()), why) })
  })
  return state
}
