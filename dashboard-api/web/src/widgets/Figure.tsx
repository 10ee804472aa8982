import { Show } from 'solid-js'

/** The number of a widget, large, with its unit small beside it. */
export function Figure(props: { shown: string; unit: string }) {
  return (
    <p class="figure">
      <span data-role="value">{props.shown}</span>
      <Show when={props.unit}>
        <span class="unit">{props.unit}</span>
      </Show>
    </p>
  )
}
