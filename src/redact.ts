/**
 * What others throw may hold a request, and a request holds tokens. What is kept of a cause is its
 * name, its code, its status and its message, each without what looks like a secret.
 *
 * @internal
 */
export function describeCause(cause: unknown, depth = 0): Error {
  if (!(cause instanceof Error)) return new Error(`thrown: ${typeof cause}`)
  const description = new Error(messageOf(cause))
  Object.defineProperty(description, 'name', { value: redact(cause.name), configurable: true })
  description.stack = stackOf(cause, description)
  for (const [name, value] of Object.entries(factsOf(cause))) {
    Object.defineProperty(description, name, { value, enumerable: true })
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
  return cause instanceof SyntaxError ? 'not valid JSON' : redact(cause.message)
}

/** The frames only: the head of a stack repeats the message. */
function stackOf(cause: Error, description: Error): string {
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return [`${description.name}: ${description.message}`, ...frames].join('\n')
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
