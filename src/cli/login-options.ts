import {
  aFunction,
  aSignal,
  assertUnpolluted,
  check,
  checkOptions,
  checkValue,
  isFunction,
  isObject,
  oneOrMore,
  optionError,
  positiveMilliseconds,
  type Check,
} from '../checks.js'
import { parseLoopbackUri } from './loopback-uri.js'

const aStore = check('a store with check(), such as localStore', (value) =>
  isFunction(Reflect.get(Object(value) as object, 'check')),
)

const COMMON = { store: aStore, timeoutMs: positiveMilliseconds, signal: aSignal }

const aPort = check(
  'an integer from 1 to 65535',
  (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535,
)

const aHost = check(
  'an address of this machine, such as 0.0.0.0',
  (value) => typeof value === 'string' && value !== '',
)

const redirectUris = oneOrMore(
  check(
    'a URL of http://127.0.0.1, http://[::1] or http://localhost, with or without a port, without a query',
    (value) => parseLoopbackUri(value) !== undefined,
  ),
)

const aPaste = check(
  'true, false or a function',
  (value) => typeof value === 'boolean' || isFunction(value),
)

/**
 * Only what is read here: all other options are the client's, and checked by it.
 *
 * @throws TokenOptionsError
 * @internal
 */
export function checkBrowserLogin(options: unknown, owner = 'browserLogin'): void {
  checkRead(owner, options, {
    client: clientWith('authorizationRequest', 'authorizationCode'),
    open: aFunction,
    onUrl: aFunction,
    redirectUri: redirectUris,
    listen: check('an object', isObject),
    paste: aPaste,
    page: aFunction,
    ...COMMON,
  })
  const { client, open, onUrl, listen } = options as Record<string, unknown>
  if (client === undefined) throw optionError(owner, 'client', CLIENT, client)
  if (open === undefined && onUrl === undefined) throw optionError(owner, 'onUrl', NO_WAY, onUrl)
  if (listen !== undefined) checkOptions(`${owner}: listen`, listen, { host: aHost, port: aPort })
}

/** @throws TokenOptionsError @internal */
export function checkDeviceLogin(options: unknown, owner = 'deviceLogin'): void {
  checkRead(owner, options, {
    client: clientWith('deviceAuthorization'),
    onCode: aFunction,
    ...COMMON,
  })
  const { client, onCode } = options as Record<string, unknown>
  if (client === undefined) throw optionError(owner, 'client', CLIENT, client)
  if (onCode === undefined) throw optionError(owner, 'onCode', aFunction.expected, onCode)
}

const CLIENT = 'the result of oauthClient'
const NO_WAY = 'a function that shows the URL to the user, or `open` one that opens it'

function clientWith(...methods: string[]): Check {
  return check(CLIENT, (value) =>
    methods.every((method) => isFunction(Reflect.get(Object(value) as object, method))),
  )
}

function checkRead(owner: string, options: unknown, checks: Record<string, Check>): void {
  if (!isObject(options)) throw optionError(owner, 'options', 'an object', options)
  assertUnpolluted(owner, Object.keys(checks))
  for (const [name, each] of Object.entries(checks)) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined) checkValue(owner, name, value, each)
  }
}
