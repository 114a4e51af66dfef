import type { TokenManager } from 'tokenward'
import type { Activity } from './activity.js'
import { html, type Html } from './html.js'

/** When the token ends, who made this page, and what is known of the session. No secret is in it. */
export async function behindThePage(tokens: TokenManager, activity: Activity): Promise<Html> {
  const { expiresAt } = (await tokens.getTokens()) ?? {}
  const { entries, sentences } = await tokens.explain()
  const { process, apiCalls, refreshes } = activity
  const steps = sentences.map(
    (sentence, index) => html`<li class="${entries[index]!.what}">${sentence}</li> `,
  )
  return html`<h2>Behind this page</h2>
    <dl>
      <dt>The access token ends</dt>
      <dd>${timeUntil(expiresAt)}</dd>
      <dt>Answered by process</dt>
      <dd>${process}</dd>
      <dt>Its calls of the API</dt>
      <dd>${apiCalls}</dd>
      <dt>Its refreshes</dt>
      <dd>${refreshes}</dd>
    </dl>
    <h2>What happened to this session</h2>
    <ol>
      ${steps.reverse()}
    </ol>`
}

/** Counted down by `page.js`, by the browser's own clock. */
function timeUntil(at: number | undefined): Html {
  if (at === undefined) return html`at a time that nobody knows`
  const ms = at - Date.now()
  return html`<time data-ends-in-ms="${ms}">in ${Math.ceil(ms / 1000)} s</time>`
}
