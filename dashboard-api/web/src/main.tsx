import '@fontsource-variable/inter/wght.css'
import './theme.css'
import './base.css'
import './style.css'

import { createEffect, createSignal } from 'solid-js'
import { render } from 'solid-js/web'

import { chosen, programme } from './choice'
import type { Theme } from './context'
import { Context } from './context'
import type { Lang } from './format'
import { createBoard } from './store'
import { WallView } from './WallView'

const query = new URLSearchParams(location.search)
const wall = query.get('wall') ?? 'main'
const board = createBoard(wall)

/** Waits until the server answers: a wall is switched on before it, as often as not. */
async function loaded(): Promise<void> {
  for (;;) {
    try {
      await board.load()
      return
    } catch (error) {
      console.warn('the server does not answer yet', error)
      await new Promise((done) => setTimeout(done, 2000))
    }
  }
}

function Page() {
  const [lang, setLang] = createSignal<Lang>(chosen('lang', ['vi', 'en'], 'vi'))
  const [theme, setTheme] = createSignal<Theme>(chosen('theme', ['dark', 'light'], 'dark'))
  createEffect(() => {
    document.documentElement.lang = lang()
    document.documentElement.dataset.theme = theme()
  })
  const keep = (name: string, value: string) => {
    localStorage.setItem(name, value)
  }
  const seconds = Number(query.get('rotate'))
  const { scenes, turns, takeOver } = programme(board.walls(), board.scenes(), wall, seconds > 0 ? seconds : null, query.get('scene'))
  const root = () => board.centres().find((c) => c.parent === '')?.code ?? board.centres()[0]?.code ?? ''
  return (
    <Context.Provider value={{ board, lang, theme, root }}>
      <WallView
        scenes={scenes} turns={turns} takeOver={takeOver} pinned={query.get('scene')}
        setLang={(l) => { keep('lang', l); setLang(l) }}
        setTheme={(t) => { keep('theme', t); setTheme(t) }}
      />
    </Context.Provider>
  )
}

await loaded()
const place = document.getElementById('wall')
if (place) {
  render(() => <Page />, place)
  board.watch()
}
