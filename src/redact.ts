import { changeable } from './changeable-error.js'
import { visibleText } from './foreign-text.js'

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

/** Nobody reads more of a message; and what is searched is bounded, whoever wrote it. */
const LONGEST_TEXT = 4_096

/**
 * What someone else says, as it may be shown: one line of visible characters, not too long, and
 * without what looks like a token: JWTs, credentials after a scheme, form and JSON fields.
 */
export function redact(text: string): string {
  return shortened(text)
    .replace(/(?<![\w-])ey[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*/g, '[redacted]')
    .replace(/\b(bearer|basic|dpop)\s+[^\s,;"']+/gi, '$1 [redacted]')
    .replace(
      /(["']?\b(?:access_?token|refresh_?token|id_?token|client_?secret|client_?assertion|password|assertion)\b["']?\s*[=:]\s*)("[^"]*"?|'[^']*'?|[^\s&,;}]+)/gi,
      '$1[redacted]',
    )
    .replace(/([?&]code=)[^\s&]+/g, '$1[redacted]')
    .replace(/[\w~+/-]{24,}=*/g, (run) => (isSecretLike(run) ? '[redacted]' : run))
}

/** Cut where a word ends: half a secret is one too. */
function shortened(text: string): string {
  const visible = visibleText(text.slice(0, 4 * LONGEST_TEXT))
  if (text.length <= 4 * LONGEST_TEXT && visible.length <= LONGEST_TEXT) return visible
  let end = Math.min(visible.length, LONGEST_TEXT)
  while (end > 0 && PART_OF_WORD.test(visible.charAt(end - 1))) end -= 1
  return `${visible.slice(0, end)}...`
}

const PART_OF_WORD = /[\w~+/=.\ud800-\udfff-]/

/** Opaque tokens mix letters and digits; a long word of a message or a path does not. */
function isSecretLike(run: string): boolean {
  if (!isMixed(run)) return false
  return !run.includes('/') || run.split('/').some(isNoPathSegment)
}

function isNoPathSegment(segment: string): boolean {
  return segment.split(/[-_~+]/).some(isNoWord)
}

function isNoWord(word: string): boolean {
  const isRandom = /[a-z]/.test(word) && /[A-Z]/.test(word) && word.length >= 8
  return isMixed(word) && (isRandom || word.length >= 16)
}

function isMixed(run: string): boolean {
  return /\d/.test(run) && /[A-Za-z]/.test(run)
}

/** A parser quotes what it could not parse, which may be a token response cut short. */
function messageOf(cause: Error): string {
  return cause instanceof SyntaxError ? 'not valid JSON' : redact(textOf(cause.message))
}

/** The frames only: the head of a stack repeats the message. */
function stackOf(cause: Error, description: Error): string {
  const frames = textOf(cause.stack).split('\n').filter(isFrame)
  return inLines([`${description.name}: ${description.message}`, ...frames], redact)
}

const MOST_LINES = 50

/** Each line of a stack by itself. @internal */
export function inLines(lines: readonly string[], shown: (line: string) => string): string {
  const said = lines.slice(0, MOST_LINES)
  return said.map((line) => (isFrame(line) ? `    ${shown(line.trim())}` : shown(line))).join('\n')
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line)
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
  /** The very error, its own texts without the secrets: for errors that are ours already. */
  error<E extends Error>(error: E): E
}

/** What is shorter may be part of any word: it is taken out where it stands by itself. */
const SHORTEST_PART = 6

/** @internal */
export function createScrubber(secrets: readonly (string | null | undefined)[]): Scrubber {
  const forms = [...new Set(secrets.flatMap((secret) => (secret ? formsOf(secret) : [])))]
  forms.sort((a, b) => b.length - a.length) // a form may be part of another
  const scrub = (said: string) => forms.reduce(without, said)
  const text = (said: string) => redact(scrub(said))
  return {
    text,
    cause: (thrown) => scrubChain(describeCause(thrown), text),
    error: (error) => scrubChain(error, scrub),
  }
}

function without(text: string, secret: string): string {
  if (secret.length >= SHORTEST_PART) return text.split(secret).join('[redacted]')
  const alone = `(?<![\\p{L}\\p{N}])${secret.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?![\\p{L}\\p{N}])`
  return text.replace(new RegExp(alone, 'gu'), '[redacted]')
}

/** As it is, as it goes on the wire, and as a part of what goes there in base64 (`id:secret`). */
function formsOf(secret: string): string[] {
  const whole = secret.replace(/\p{Surrogate}/gu, '\ufffd')
  const inForm = new URLSearchParams({ '': whole }).toString().slice(1)
  const plain = [
    secret,
    whole,
    inForm,
    encodeURIComponent(whole),
    JSON.stringify(secret).slice(1, -1),
  ]
  return [...plain, ...inBase64(whole), ...(inForm === whole ? [] : inBase64(inForm))]
}

/**
 * What base64 makes of a text by itself is different after one or two other characters; what
 * shares a character with its neighbours is left out.
 */
function inBase64(text: string): string[] {
  if (text.length < SHORTEST_PART) return []
  const bytes = [...new TextEncoder().encode(text)]
    .map((byte) => String.fromCharCode(byte))
    .join('')
  const aligned = [0, 1, 2].map((before) => {
    const base64 = btoa(' '.repeat(before) + bytes).replaceAll('=', '')
    const isWhole = (before + bytes.length) % 3 === 0
    return base64.slice([0, 2, 3][before], isWhole ? undefined : -1)
  })
  return aligned.flatMap((base64) => [base64, base64.replaceAll('+', '-').replaceAll('/', '_')])
}

function scrubChain<E extends Error>(error: E, text: (said: string) => string): E {
  const description = changeable(error)
  description.message = text(description.message)
  if (text(description.name) !== description.name) {
    Object.defineProperty(description, 'name', { value: text(description.name) })
  }
  for (const [name, value] of Object.entries(description)) {
    const isSaid = typeof value === 'string' && text(value) !== value
    if (isSaid) Object.defineProperty(description, name, { value: text(value) })
  }
  description.stack = inLines(String(description.stack).split('\n'), text)
  const { cause } = description
  if (cause instanceof Error) {
    const value = scrubChain(cause, text)
    if (value !== cause) Object.defineProperty(description, 'cause', { value })
  }
  return description
}
