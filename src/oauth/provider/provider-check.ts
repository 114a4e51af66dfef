import {
  aBoolean,
  aFunction,
  aText,
  check,
  flawOf,
  isObject,
  positiveMilliseconds,
  type Check,
  type FlawOf,
} from '../../checks.js'
import { isClientAuthMethod } from '../client-auth.js'
import type { Provider } from '../provider.js'

/**
 * What is wrong with a description of a server, at whichever depth: a misspelt field would
 * otherwise be a server that is described wrongly, found out at the first refresh.
 *
 * @internal
 */
export const flawOfProvider: FlawOf = (value) => object(PROVIDER)(value)

const aMethod = check('a method of client authentication', isClientAuthMethod)
const aString = check('a string', (value) => typeof value === 'string')
const aPattern = check('a regular expression', (value) => value instanceof RegExp)
const aList = check('an array', Array.isArray)
const aRecord = check('an object', (value) => isObject(value) && !Array.isArray(value))

const texts = recordOf(aText)
const textList = listOf(aText)
const path: FlawOf = (value) => flawOf(Array.isArray(value) ? textList : aText, value)

const PARAMETERS = {
  parameters: recordOf(aString),
  parameterNames: texts,
  omit: textList,
}

const request = object({
  ...PARAMETERS,
  endpoint: aText,
  method: oneOf('POST', 'GET'),
  body: oneOf('form', 'json'),
  headers: texts,
  clientAuth: aMethod,
  build: aFunction,
})

const MEMBERS = [
  'access_token',
  'token_type',
  'refresh_token',
  'expires_in',
  'expires_at',
  'refresh_token_expires_in',
  'refresh_token_expires_at',
  'scope',
  'id_token',
]

const matches = listOf((value) => {
  if (typeof value === 'function' || typeof value === 'number') return undefined
  return isObject(value) ? recordOf(aMatch)(value) : flawOf(aText, value)
})

const aMatch = check('a text, number, boolean, null or regular expression', (value) =>
  [value].flat().every((each) => each === null || each instanceof RegExp || !isComplex(each)),
)

const PROVIDER: Readonly<Record<keyof Provider, Check>> = {
  name: aText,
  issuer: aText,
  endpoints: object({
    authorization: aText,
    token: aText,
    deviceAuthorization: aText,
    revocation: aText,
    endSession: aText,
    jwks: aText,
  }),
  variables: recordOf(aPattern),
  clientAuth: aMethod,
  pkce: aBoolean,
  scopeSeparator: aText,
  metadata: recordOf(() => undefined),
  authorizationRequest: object(PARAMETERS),
  tokenRequest: request,
  codeRequest: request,
  refreshRequest: request,
  clientCredentialsRequest: request,
  exchangeRequest: request,
  revocationRequest: request,
  tokenResponse: object({
    read: aFunction,
    within: path,
    names: object(Object.fromEntries(MEMBERS.map((name) => [name, path]))),
    lifetimeUnit: oneOf('seconds', 'milliseconds'),
  }),
  errors: object({
    code: path,
    description: path,
    isError: matches,
    passing: matches,
    stepUp: matches,
    endsSession: matches,
  }),
  extra: textList,
  redirectExtra: textList,
  assumedLifetimeMs: positiveMilliseconds,
  assumedRefreshTokenLifetimeMs: positiveMilliseconds,
  refreshTokens: oneOf('rotated', 'reused', 'none', 'access-token'),
  about: object({ sources: textList, readOn: aText, unsure: textList }),
}

function isComplex(value: unknown): boolean {
  return typeof value === 'object' || typeof value === 'function' || value === undefined
}

/** An object with these fields, and no others. */
function object(checks: Readonly<Record<string, Check>>): FlawOf {
  return (value) => {
    const flaw = flawOf(aRecord, value)
    if (flaw) return flaw
    for (const [name, each] of Object.entries(value as object)) {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined
      if (!check) {
        const fields = Object.keys(checks).join(', ')
        return `has an unknown field \`${name}\`. The fields are: ${fields}`
      }
      const flawOfField = each === undefined ? undefined : flawOf(check, each)
      if (flawOfField) return `has a \`${name}\` that ${flawOfField}`
    }
    return undefined
  }
}

function recordOf(check: Check): FlawOf {
  return (value) => {
    const flaw = flawOf(aRecord, value)
    if (flaw) return flaw
    for (const [name, each] of Object.entries(value as object)) {
      const flawOfEach = flawOf(check, each)
      if (flawOfEach) return `has a \`${name}\` that ${flawOfEach}`
    }
    return undefined
  }
}

function listOf(check: Check): FlawOf {
  return (value) =>
    Array.isArray(value)
      ? value.map((each) => flawOf(check, each)).find((flaw) => flaw !== undefined)
      : flawOf(aList, value)
}

function oneOf(...values: readonly string[]): Check {
  return check(`one of ${values.join(', ')}`, (value) => values.includes(value as string))
}
