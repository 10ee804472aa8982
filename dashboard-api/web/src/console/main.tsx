import '@fontsource-variable/inter/wght.css'
import '../theme.css'
import '../base.css'
import './theme.css'
import './console.css'
import '../map/map.css'

import { createEffect, createSignal, on, untrack } from 'solid-js'
import { render } from 'solid-js/web'

import type { Lang } from '../format'
import { createBoard } from './board'
import { Console } from './Console'
import { ConsoleProvider } from './context'
import { createDuty } from './duty'
import { createRoute } from './route'
import { mutedUntil, play } from './sound'
import { text } from './text'

const query = new URLSearchParams(location.search)
const [lang, setLang] = createSignal<Lang>((query.get('lang') ?? localStorage.getItem('lang')) === 'en' ? 'en' : 'vi')
const [theme, setTheme] = createSignal<'light' | 'dark'>((query.get('theme') ?? localStorage.getItem('console.theme')) === 'dark' ? 'dark' : 'light')

const model = createBoard((fresh) => {
  if (mutedUntil(Date.now())) return
  play(Math.min(...fresh.map((a) => a.priority)))
})

const duty = createDuty(lang)

/** Waits until the server answers: a console is opened before it, as often as not. */
async function loaded(): Promise<void> {
  for (;;) {
    try {
      await Promise.all([model.load(untrack(lang)), duty.check()])
      return
    } catch (error) {
      console.warn('the server does not answer yet', error)
      await new Promise((done) => setTimeout(done, 2000))
    }
  }
}

const root = document.getElementById('console')
if (root) {
  root.textContent = text[untrack(lang)].connecting
  await loaded()
  root.textContent = ''
  render(() => {
    const route = createRoute()
    createEffect(() => {
      document.documentElement.lang = lang()
      document.documentElement.dataset['theme'] = theme()
      localStorage.setItem('lang', lang())
      localStorage.setItem('console.theme', theme())
      document.title = `${text[lang()].tabs[route.tab()]} – ${text[lang()].title} ${text[lang()].place}`
    })
    // A line that stands again may lead to a server that has begun anew.
    createEffect(on(model.connected, (yes) => { if (yes) duty.look() }, { defer: true }))
    return (
      <ConsoleProvider value={{ route, model, duty, lang, words: () => text[lang()] }}>
        <Console theme={theme} setTheme={setTheme} setLang={setLang} />
      </ConsoleProvider>
    )
  }, root)
  model.watch()
  duty.watch()
}
