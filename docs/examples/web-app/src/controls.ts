import { html, type Html } from './html.js'

/** What can be broken, where somebody listens to it: `local/controls.ts`. */
export const CONTROLS = {
  deny: 'API denies my token',
  redis: 'Stop Redis',
  kill: 'Kill this instance',
  issuer: 'Authorization server down',
} as const

/** @param path - below which the buttons post; in earnest there are none */
export function controls(path: string | undefined): Html {
  if (path === undefined) return html``
  const buttons = Object.entries(CONTROLS).map(
    ([name, label]) => html`<button formaction="${path}/${name}">${label}</button>`,
  )
  return html`<h2>Break something</h2>
    <form method="post" class="controls">
      <input type="hidden" name="process" value="${process.pid}" />
      ${buttons}
    </form>`
}
