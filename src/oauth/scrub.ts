import { describeCause, redact } from '../redact.js'

/**
 * Takes these very secrets out of what others say; what merely looks like one goes too.
 *
 * @internal
 */
export interface Scrubber {
  text(text: string): string
  /** A description of what was thrown, without the secrets. */
  cause(thrown: unknown): Error
}

/** @internal */
export function createScrubber(secrets: readonly (string | null | undefined)[]): Scrubber {
  const forms = [...new Set(secrets.flatMap((secret) => (secret ? formsOf(secret) : [])))]
  forms.sort((a, b) => b.length - a.length) // a form may be part of another
  const text = (said: string) =>
    redact(forms.reduce((left, form) => left.split(form).join('[redacted]'), said))
  return { text, cause: (thrown) => scrubChain(describeCause(thrown), text) }
}

/** As it is, and as it goes on the wire. */
function formsOf(secret: string): string[] {
  const inForm = new URLSearchParams({ '': secret }).toString().slice(1)
  return [secret, inForm, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
}

function scrubChain(description: Error, text: (said: string) => string): Error {
  description.message = text(description.message)
  description.stack = text(String(description.stack))
  if (description.cause instanceof Error) scrubChain(description.cause, text)
  return description
}
