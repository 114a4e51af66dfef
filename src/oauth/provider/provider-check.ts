import { isClientAuthMethod } from '../client-auth.js'
import { describe, functionCheck, textCheck, type OptionCheck } from '../option-checks.js'
import type { Provider } from '../provider.js'

/**
 * What is wrong with a description of a server, at whichever depth: a misspelt field would
 * otherwise be a server that is described wrongly, found out at the first refresh.
 *
 * @internal
 */
export const providerCheck: OptionCheck = (value) => flawOf(PROVIDER, value)

const positiveCheck: OptionCheck = (value) =>
  typeof value === 'number' && value > 0 && Number.isFinite(value)
    ? undefined
    : `a number of milliseconds above 0 wanted, got ${describe(value)}`

const authCheck: OptionCheck = (value) =>
  isClientAuthMethod(value)
    ? undefined
    : `a method of client authentication wanted, got ${describe(value)}`

const anyTextCheck: OptionCheck = (value) =>
  typeof value === 'string' ? undefined : `a string wanted, got ${describe(value)}`

const texts = recordOf(textCheck)
const textList = listOf(textCheck)
const pathCheck: OptionCheck = (value) => (Array.isArray(value) ? textList : textCheck)(value)

const PARAMETERS = {
  parameters: recordOf(anyTextCheck),
  parameterNames: texts,
  omit: textList,
}

const request: OptionCheck = (value) =>
  flawOf(
    {
      ...PARAMETERS,
      endpoint: textCheck,
      method: oneOf('POST', 'GET'),
      body: oneOf('form', 'json'),
      headers: texts,
      clientAuth: authCheck,
      build: functionCheck,
    },
    value,
  )

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
  return typeof value === 'object' && value !== null
    ? recordOf(matchCheck)(value)
    : textCheck(value)
})

const matchCheck: OptionCheck = (value) =>
  [value].flat().every((each) => each === null || each instanceof RegExp || !isComplex(each))
    ? undefined
    : `a text, number, boolean, null or regular expression wanted, got ${describe(value)}`

const PROVIDER: Readonly<Record<keyof Provider, OptionCheck>> = {
  name: textCheck,
  issuer: textCheck,
  endpoints: object({
    authorization: textCheck,
    token: textCheck,
    deviceAuthorization: textCheck,
    revocation: textCheck,
    endSession: textCheck,
    jwks: textCheck,
  }),
  variables: recordOf((value) =>
    value instanceof RegExp ? undefined : `a regular expression wanted, got ${describe(value)}`,
  ),
  clientAuth: authCheck,
  pkce: (value) =>
    typeof value === 'boolean' ? undefined : `a boolean wanted, got ${describe(value)}`,
  scopeSeparator: textCheck,
  metadata: recordOf(() => undefined),
  authorizationRequest: object(PARAMETERS),
  tokenRequest: request,
  codeRequest: request,
  refreshRequest: request,
  clientCredentialsRequest: request,
  exchangeRequest: request,
  revocationRequest: request,
  tokenResponse: object({
    read: functionCheck,
    within: pathCheck,
    names: object(Object.fromEntries(MEMBERS.map((name) => [name, pathCheck]))),
    lifetimeUnit: oneOf('seconds', 'milliseconds'),
  }),
  errors: object({
    code: pathCheck,
    description: pathCheck,
    isError: matches,
    passing: matches,
    stepUp: matches,
    endsSession: matches,
  }),
  extra: textList,
  assumedLifetimeMs: positiveCheck,
  assumedRefreshTokenLifetimeMs: positiveCheck,
  refreshTokens: oneOf('rotated', 'reused', 'none', 'access-token'),
  about: object({ sources: textList, readOn: textCheck, unsure: textList }),
}

function isComplex(value: unknown): boolean {
  return typeof value === 'object' || typeof value === 'function' || value === undefined
}

function flawOf(checks: Readonly<Record<string, OptionCheck>>, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `an object wanted, got ${describe(value)}`
  }
  for (const [name, each] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (!check) return `unknown field \`${name}\`, known are ${Object.keys(checks).join(', ')}`
    const flaw = each === undefined ? undefined : check(each)
    if (flaw) return `\`${name}\`: ${flaw}`
  }
  return undefined
}

function object(checks: Readonly<Record<string, OptionCheck>>): OptionCheck {
  return (value) => flawOf(checks, value)
}

function recordOf(check: OptionCheck): OptionCheck {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return `an object wanted, got ${describe(value)}`
    }
    for (const [name, each] of Object.entries(value)) {
      const flaw = check(each)
      if (flaw) return `\`${name}\`: ${flaw}`
    }
    return undefined
  }
}

function listOf(check: OptionCheck): OptionCheck {
  return (value) =>
    Array.isArray(value)
      ? value.map(check).find((flaw) => flaw !== undefined)
      : `an array wanted, got ${describe(value)}`
}

function oneOf(...values: readonly string[]): OptionCheck {
  return (value) =>
    values.includes(value as string)
      ? undefined
      : `one of ${values.join(', ')} wanted, got ${describe(value)}`
}
