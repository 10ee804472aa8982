import '@fontsource-variable/inter/wght.css'
import '../theme.css'
import '../base.css'
import '../style.css'
import './edit.css'

import { createEffect, createSignal } from 'solid-js'
import { render } from 'solid-js/web'

import { ask } from '../ask'
import { chosen } from '../choice'
import type { Theme } from '../context'
import { Context } from '../context'
import type { Lang } from '../format'
import { createBoard } from '../store'
import type { KPI } from '../wire'
import { createDesk } from './desk'
import { Editor } from './Editor'
import { text } from './text'

const board = createBoard('')

/** Waits until the server answers. */
async function loaded(): Promise<KPI[]> {
  for (;;) {
    try {
      const [list] = await Promise.all([ask<{ kpis: KPI[] }>('/api/v1/kpis'), board.load()])
      return list.kpis
    } catch (error) {
      console.warn('the server does not answer yet', error)
      await new Promise((done) => setTimeout(done, 2000))
    }
  }
}

function Page(props: { kpis: KPI[] }) {
  const [lang, setLang] = createSignal<Lang>(chosen('lang', ['vi', 'en'], 'vi'))
  const [theme] = createSignal<Theme>(chosen('theme', ['dark', 'light'], 'dark'))
  createEffect(() => {
    document.documentElement.lang = lang()
    document.documentElement.dataset.theme = theme()
    document.title = `${text[lang()].title} – IOC Bình Phước`
    localStorage.setItem('lang', lang())
  })
  const root = () => board.centres().find((c) => c.parent === '')?.code ?? board.centres()[0]?.code ?? ''
  // eslint-disable-next-line solid/reactivity -- the KPIs are those that the page was opened with
  const desk = createDesk(board, lang, props.kpis)
  const asked = new URLSearchParams(location.search).get('scene')
  const first = board.scenes().find((s) => s.id === asked) ?? board.scenes()[0]
  if (first) void desk.open(first.id)
  return (
    <Context.Provider value={{ board, lang, theme, root }}>
      <Editor desk={desk} setLang={() => { setLang(lang() === 'vi' ? 'en' : 'vi') }} />
    </Context.Provider>
  )
}

const kpis = await loaded()
const place = document.getElementById('edit')
if (place) {
  render(() => <Page kpis={kpis} />, place)
  board.watch()
}
