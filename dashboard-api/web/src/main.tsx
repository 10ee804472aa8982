import '@fontsource-variable/inter/wght.css'
import './theme.css'
import './style.css'

import { render } from 'solid-js/web'

import type { Lang } from './format'
import { scenes } from './scenes'
import { createBoard } from './store'
import { Wall } from './Wall'

const query = new URLSearchParams(location.search)
const lang: Lang = (query.get('lang') ?? localStorage.getItem('lang')) === 'en' ? 'en' : 'vi'
if (query.has('lang')) localStorage.setItem('lang', lang)
document.documentElement.lang = lang

const model = createBoard()

/** Waits until the server answers: a wall is switched on before it, as often as not. */
async function loaded(): Promise<void> {
  for (;;) {
    try {
      await model.load()
      return
    } catch (error) {
      console.warn('the server does not answer yet', error)
      await new Promise((done) => setTimeout(done, 2000))
    }
  }
}

await loaded()
const root = document.getElementById('wall')
if (root) {
  const list = scenes(model.board.centres, new Set(Object.keys(model.board.kpis)))
  const seconds = Number(query.get('rotate') ?? 20)
  render(
    () => <Wall model={model} scenes={list} lang={lang} every={(seconds > 0 ? seconds : 20) * 1000} pinned={query.get('scene')} />,
    root,
  )
  model.watch()
  void model.follow(list.flatMap((s) => s.kpis.map((kpi) => ({ kpi, centre: s.centre }))))
}
