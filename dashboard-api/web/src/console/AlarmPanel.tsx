import { createEffect, createSignal, For, on, Show } from 'solid-js'

import { ask } from '../ask'
import { type Action, actions } from './alarms'
import { createAnswer } from './api'
import { useConsole } from './context'
import { Signed } from './Duty'
import { Health } from './List'
import { Chip } from './marks'
import { Sheet } from './Sheet'
import type { Alarm, AlarmDetail } from './wire'

/** How long an alarm may be shelved, in minutes. Each has an end. */
const shelveFor = [15, 60, 240, 480] as const

/** One alarm: what it is, what may be done with it, and what was done. */
export function AlarmPanel() {
  const c = useConsole()
  const w = () => c.words().alarm
  const id = () => c.route.get('alarm')
  const base = () => `/api/v1/alarms/${encodeURIComponent(id())}`
  const answer = createAnswer<AlarmDetail>(base, c.lang, 10_000, 'id')
  const live = () => c.model.board.alarms[id()]
  const detail = () => (answer.of() === base() ? answer.data() : undefined)
  const alarm = (): Alarm | undefined => live() ?? detail()?.alarm
  // The history is behind as soon as the live channel tells of a change.
  createEffect(on(() => live()?.changed_at, () => { answer.again() }, { defer: true }))
  const members = () => detail()?.members ?? []
  return (
    <Sheet title={alarm()?.title[c.lang()] ?? id()} of={answer.of()} about={alarm() ? `${w().kinds[alarm()?.kind ?? ''] ?? ''} · ${c.centre(alarm()?.centre ?? '')}` : ''}>
      <Health answer={answer} />
      <Show when={alarm()}>
        {(a) => (
          <>
            <dl class="facts">
              <dt>{c.words().columns.state}</dt>
              <dd>
                <Chip state={a().state} label={w().state[a().state]} />
                <Show when={a().state === 'shelved' && a().shelved_until}> {w().shelvedUntil(c.at(a().shelved_until))}</Show>
              </dd>
              <dt>{c.words().columns.priority}</dt>
              <dd>{`${String(a().priority)} – ${w().priority[a().priority] ?? ''}`}</dd>
              <dt>{c.words().columns.raised}</dt>
              <dd>{`${c.at(a().raised_at)} (${c.ago(a().raised_at)})`}</dd>
              <Show when={a().value != null}>
                <dt>{c.words().columns.value}</dt>
                <dd>{`${c.count(a().value, 1)} ${a().unit ?? ''} (${w().bound} ${c.count(a().bound, 1)})`}</dd>
              </Show>
              <Show when={a().assigned_to}>
                <dt>{c.words().columns.assigned}</dt>
                <dd>{a().assigned_to}</dd>
              </Show>
              <Show when={a().why}>
                <dt>{w().why}</dt>
                <dd>{a().why}</dd>
              </Show>
            </dl>
            <p class="links">
              <Show when={a().source}>
                {(source) => (
                  <a href={c.route.link({ source: source() })} onClick={(e) => { e.preventDefault(); c.route.open({ source: source() }) }}>
                    {w().openSource}
                  </a>
                )}
              </Show>
              <Show when={a().kpi}>
                {(kpi) => (
                  <a href={c.route.link({ kpi: kpi(), of: a().centre })} onClick={(e) => { e.preventDefault(); c.route.open({ kpi: kpi(), of: a().centre }) }}>
                    {w().openKpi}
                  </a>
                )}
              </Show>
            </p>
            <Actions alarm={a()} done={() => { answer.again() }} />
          </>
        )}
      </Show>
      <Show when={(alarm()?.members ?? 1) > 1 || members().length > 0}>
        <h3>{w().members(c.count(members().length || Number(alarm()?.members)))}</h3>
        <ul class="members">
          <For each={members()}>
            {(m) => (
              <li>
                <Chip state={m.state} label={w().state[m.state]} />
                <Show when={m.source} fallback={m.title[c.lang()]}>
                  {(source) => (
                    <a href={c.route.link({ source: source() })} onClick={(e) => { e.preventDefault(); c.route.open({ source: source() }) }}>
                      {source()}
                    </a>
                  )}
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={(detail()?.history.length ?? 0) > 0}>
        <h3>{w().history}</h3>
        <ol class="changes">
          <For each={detail()?.history}>
            {(h) => (
              <li>
                <time>{c.at(h.at)}</time>
                <Chip state={h.state} label={w().state[h.state]} />
                <span>{[h.by ? w().by(h.by) : '', h.why ?? ''].filter(Boolean).join(': ')}</span>
              </li>
            )}
          </For>
        </ol>
      </Show>
    </Sheet>
  )
}

/** What may be done with an alarm: a button, and then why. */
function Actions(props: { alarm: Alarm; done: () => void }) {
  const c = useConsole()
  const w = () => c.words().alarm
  const [chosen, choose] = createSignal<Action | null>(null)
  const [why, setWhy] = createSignal('')
  const [to, setTo] = createSignal('')
  const [minutes, setMinutes] = createSignal<number>(60)
  const [error, setError] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  createEffect(
    on(
      () => props.alarm.id,
      () => {
        choose(null)
        setError('')
        setWhy('')
        setTo('')
      },
    ),
  )
  // Whoever sets an alarm aside says why; to have seen it needs no words.
  const needsWhy = () => chosen() === 'shelve' || chosen() === 'close'
  async function act(): Promise<void> {
    const action = chosen()
    if (!action || busy()) return
    setBusy(true)
    try {
      await c.duty.check()
      await ask(`/api/v1/alarms/${encodeURIComponent(props.alarm.id)}/${action}`, {
        lang: c.lang(),
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          why: why(),
          ...(action === 'assign' ? { to: to() } : {}),
          ...(action === 'shelve' ? { until: new Date(c.model.now().getTime() + minutes() * 60_000).toISOString() } : {}),
        }),
      })
      // Who was faster than the answer has begun something else, and keeps it.
      if (chosen() === action) {
        choose(null)
        setWhy('')
        setTo('')
      }
      setError('')
      props.done()
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <div class="actions">
      <div role="group" aria-label={w().do}>
        <For each={actions(props.alarm.state)}>
          {(action) => (
            <button
              type="button"
              data-action={action}
              classList={{ primary: action === 'acknowledge' }}
              aria-pressed={chosen() === action}
              onClick={() => {
                choose(action)
                if (action === 'acknowledge') void act()
              }}
            >
              {w().actions[action]}
            </button>
          )}
        </For>
      </div>
      <Show when={actions(props.alarm.state).length > 0}>
        <Signed />
      </Show>
      <Show when={chosen() && chosen() !== 'acknowledge'}>
        <form
          onSubmit={(e) => {
            e.preventDefault()
            void act()
          }}
        >
          <Show when={chosen() === 'assign'}>
            <label>
              {w().to}
              <input ref={(e) => { queueMicrotask(() => { e.focus() }) }} name="to" required maxLength={100} value={to()} onInput={(e) => setTo(e.currentTarget.value)} />
            </label>
          </Show>
          <Show when={chosen() === 'shelve'}>
            <label>
              {w().until}
              <select name="until" onChange={(e) => setMinutes(Number(e.currentTarget.value))}>
                <For each={shelveFor}>
                  {(m) => (
                    <option value={m} selected={m === minutes()}>
                      {`${w().until1(m)} (${c.at(new Date(c.model.now().getTime() + m * 60_000)).slice(0, 5)})`}
                    </option>
                  )}
                </For>
              </select>
            </label>
          </Show>
          <label>
            {w().why}
            <input
              ref={(e) => { if (chosen() !== 'assign') queueMicrotask(() => { e.focus() }) }}
              name="why" required={needsWhy()} maxLength={500} placeholder={w().whyHint} value={why()} onInput={(e) => setWhy(e.currentTarget.value)}
            />
          </label>
          <div class="buttons">
            <button type="submit" class="primary" disabled={busy()}>
              {`${w().do}: ${w().actions[chosen() ?? 'close']}`}
            </button>
            <Show when={chosen() === 'assign' && c.duty.name()}>
              <button
                type="button"
                data-action="mine"
                onClick={() => {
                  setTo(c.duty.name())
                  void act()
                }}
              >
                {w().toMe}
              </button>
            </Show>
            <button type="button" onClick={() => choose(null)}>
              {w().cancel}
            </button>
          </div>
        </form>
      </Show>
      <Show when={error()}>
        <p class="banner bad" role="alert">
          {error()}
        </p>
      </Show>
    </div>
  )
}
