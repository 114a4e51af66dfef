import { TokenOptionsError } from '../errors.js'
import { describe, type OptionCheck } from '../oauth/option-checks.js'

/**
 * Only what is read here: all other options are the client's, and checked by it.
 *
 * @throws TokenOptionsError naming the option, what is wanted and what was given
 * @internal
 */
export function checkBrowserLogin(options: unknown): void {
  check('browserLogin', options, {
    client: clientCheck('authorizationRequest', 'authorizationCode'),
    open: functionCheck,
    port: optional(portCheck),
    redirectPath: optional(pathCheck),
    redirectUri: optional(() => '`port` and `redirectPath` wanted in its place'),
    page: optional(functionCheck),
    ...BOUNDS,
  })
}

/**
 * @throws TokenOptionsError naming the option, what is wanted and what was given
 * @internal
 */
export function checkDeviceLogin(options: unknown): void {
  check('deviceLogin', options, {
    client: clientCheck('deviceAuthorization'),
    onCode: functionCheck,
    ...BOUNDS,
  })
}

function check(owner: string, options: unknown, checks: Record<string, OptionCheck>): void {
  if (typeof options !== 'object' || options === null) {
    throw new TokenOptionsError(`${owner}: options wanted, got ${describe(options)}`)
  }
  for (const [name, flawOf] of Object.entries(checks)) {
    const flaw = flawOf((options as Record<string, unknown>)[name])
    if (flaw) throw new TokenOptionsError(`${owner}: \`${name}\`: ${flaw}`)
  }
}

function optional(flawOf: OptionCheck): OptionCheck {
  return (value) => (value === undefined ? undefined : flawOf(value))
}

function clientCheck(...methods: string[]): OptionCheck {
  return (value) => {
    const client = Object(value) as Record<string, unknown>
    const isClient = methods.every((method) => typeof client[method] === 'function')
    return isClient ? undefined : `what oauthClient makes wanted, got ${describe(value)}`
  }
}

const functionCheck: OptionCheck = (value) =>
  typeof value === 'function' ? undefined : `a function wanted, got ${describe(value)}`

const portCheck: OptionCheck = (value) => {
  const isPort = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535
  return isPort ? undefined : `an integer of 1 to 65535 wanted, got ${shown(value)}`
}

const pathCheck: OptionCheck = (value) => {
  const isPath = typeof value === 'string' && isPathAsSent(value)
  return isPath ? undefined : `a path such as /callback wanted, got ${shown(value)}`
}

/** As browsers send it: nothing to encode, no dots to resolve, no query, no host. */
function isPathAsSent(value: string): boolean {
  const origin = 'http://127.0.0.1'
  const url = URL.canParse(value, origin) ? new URL(value, origin) : undefined
  return url?.href === `${origin}${value}` && url.pathname === value
}

const durationCheck: OptionCheck = (value) => {
  const isDuration = typeof value === 'number' && Number.isFinite(value) && value > 0
  return isDuration ? undefined : `milliseconds, more than 0, wanted, got ${shown(value)}`
}

const signalCheck: OptionCheck = (value) => {
  const { addEventListener } = Object(value) as Partial<AbortSignal>
  const isSignal = typeof addEventListener === 'function'
  return isSignal ? undefined : `an AbortSignal wanted, got ${describe(value)}`
}

const BOUNDS = { timeoutMs: optional(durationCheck), signal: optional(signalCheck) }

/** None of these is a secret. */
function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : describe(value)
}
