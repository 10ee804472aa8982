import { createSignal, onMount, Show } from 'solid-js'

import { useConsole } from './context'

/** Who is on duty, and the way to say it. */
export function Duty() {
  const c = useConsole()
  const w = () => c.words().duty
  return (
    <>
      <button type="button" class="duty" data-named={String(c.duty.name() !== '')} aria-haspopup="dialog" onClick={() => c.duty.setAsking(true)}>
        {c.duty.name() ? w().is(c.duty.name()) : w().nobody}
      </button>
      <Show when={c.duty.asking()}>
        <Question />
      </Show>
    </>
  )
}

/** The dialog in which a shift is taken over. */
function Question() {
  const c = useConsole()
  const w = () => c.words().duty
  const [name, setName] = createSignal(c.duty.name())
  const [error, setError] = createSignal('')
  let dialog: HTMLDialogElement | undefined
  let field: HTMLInputElement | undefined
  onMount(() => {
    dialog?.showModal()
    field?.select()
  })
  async function save(): Promise<void> {
    try {
      await c.duty.say(name())
      dialog?.close()
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e))
    }
  }
  return (
    <dialog ref={dialog} aria-label={w().title} onClose={() => c.duty.setAsking(false)}>
      <h2>{w().title}</h2>
      <form
        onSubmit={(e) => {
          e.preventDefault()
          void save()
        }}
      >
        <label>
          {w().name}
          <input ref={field} name="name" autocomplete="name" aria-describedby="duty-why" value={name()} onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <p class="quiet" id="duty-why">
          {w().why}
        </p>
        <Show when={error()}>
          <p class="banner bad" role="alert">
            {error()}
          </p>
        </Show>
        <div class="buttons">
          <button type="submit" class="primary">
            {w().save}
          </button>
          <button type="button" onClick={() => dialog?.close()}>
            {c.words().alarm.cancel}
          </button>
        </div>
      </form>
    </dialog>
  )
}

/** Under which name what is done here is recorded. */
export function Signed() {
  const c = useConsole()
  const w = () => c.words().duty
  return (
    <p class="signed">
      {c.duty.name() ? w().signed(c.duty.name()) : w().unsigned}
      <button type="button" aria-haspopup="dialog" onClick={() => c.duty.setAsking(true)}>
        {c.duty.name() ? w().change : w().say}
      </button>
    </p>
  )
}
