/**
 * What others throw may hold a request, and a request holds tokens. What is kept of a cause is its
 * name, its code, its status and its message, each without what looks like a secret.
 *
 * @internal
 */
export function describeCause(cause: unknown, depth = 0): Error {
  if (!(cause instanceof Error)) return new Error(`thrown: ${typeof cause}`)
  const description = new Error(messageOf(cause))
  Object.defineProperty(description, 'name', {
    value: redact(textOf(cause.name)),
    configurable: true,
  })
  description.stack = stackOf(cause, description)
  for (const [name, value] of Object.entries(factsOf(cause))) {
    Object.defineProperty(description, name, { value, enumerable: true, configurable: true })
  }
  if (depth < 3 && cause.cause instanceof Error) {
    description.cause = describeCause(cause.cause, depth + 1)
  }
  return description
}

/** Leaves out what looks like a token: JWTs, credentials after a scheme, form and JSON fields. */
export function redact(text: string): string {
  return text
    .replace(/\bey[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*/g, '[redacted]')
    .replace(/\b(bearer|basic|dpop)\s+[^\s,;"']+/gi, '$1 [redacted]')
    .replace(
      /(["']?\b(?:access_?token|refresh_?token|id_?token|client_?secret|client_?assertion|password|assertion)\b["']?\s*[=:]\s*)("[^"]*"?|'[^']*'?|[^\s&,;}]+)/gi,
      '$1[redacted]',
    )
    .replace(/([?&]code=)[^\s&]+/g, '$1[redacted]')
    .replace(/[\w~+/-]{24,}=*/g, (run) => (isSecretLike(run) ? '[redacted]' : run))
}

/** Opaque tokens mix letters and digits; a long word of a message or a path does not. */
function isSecretLike(run: string): boolean {
  return /\d/.test(run) && /[A-Za-z]/.test(run) && !run.includes('/')
}

/** A parser quotes what it could not parse, which may be a token response cut short. */
function messageOf(cause: Error): string {
  return cause instanceof SyntaxError ? 'not valid JSON' : redact(textOf(cause.message))
}

/** The frames only: the head of a stack repeats the message. */
function stackOf(cause: Error, description: Error): string {
  const frames = textOf(cause.stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
  return [`${description.name}: ${description.message}`, ...frames.map(redact)].join('\n')
}

function factsOf(cause: Error): Record<string, string | number> {
  const facts: Record<string, string | number> = {}
  const { code, status, response } = cause as {
    code?: unknown
    status?: unknown
    response?: unknown
  }
  if (typeof code === 'string' || typeof code === 'number') facts.code = redactFact(code)
  const answered = status ?? (response as { status?: unknown } | undefined)?.status
  if (typeof answered === 'number') facts.status = answered
  return facts
}

function redactFact(fact: string | number): string | number {
  return typeof fact === 'string' ? redact(fact) : fact
}

/** What is thrown may have anything in the place of a text. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

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

/** Shorter ones are words of the language: taking them out would leave no message. */
const SHORTEST_SECRET = 6

/** @internal */
export function createScrubber(secrets: readonly (string | null | undefined)[]): Scrubber {
  const known = secrets.filter((secret) => secret && secret.length >= SHORTEST_SECRET)
  const forms = [...new Set(known.flatMap((secret) => formsOf(secret!)))]
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
  Object.defineProperty(description, 'name', { value: text(description.name), configurable: true })
  for (const [name, value] of Object.entries(description)) {
    if (typeof value === 'string') Object.defineProperty(description, name, { value: text(value) })
  }
  description.stack = text(String(description.stack))
  if (description.cause instanceof Error) scrubChain(description.cause, text)
  return description
}
