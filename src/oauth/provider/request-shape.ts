import type { ParameterShape, Provider, RequestShape } from '../provider.js'
import type { OutgoingRequest } from '../transport.js'
import { own } from './own.js'

/** What a request to the server is for. */
export type Purpose =
  'code' | 'refresh' | 'client_credentials' | 'exchange' | 'revocation' | 'device' | 'other'

/** How a request for this purpose differs. @internal */
export function shapeFor(provider: Provider | undefined, purpose: Purpose): RequestShape {
  if (!provider) return {}
  const tokenRequest = own(provider.tokenRequest ?? {})
  switch (purpose) {
    case 'code':
      return merged(tokenRequest, provider.codeRequest)
    case 'refresh':
      return merged(tokenRequest, provider.refreshRequest)
    case 'client_credentials':
      return merged(tokenRequest, provider.clientCredentialsRequest)
    case 'exchange':
      return merged(tokenRequest, provider.exchangeRequest)
    case 'revocation':
      return provider.revocationRequest ?? {}
    case 'device': {
      const { parameterNames, headers, body } = tokenRequest
      return {
        ...(parameterNames && { parameterNames }),
        ...(headers && { headers }),
        ...(body && { body }),
      }
    }
    case 'other':
      return tokenRequest
  }
}

function merged(base: RequestShape, given: RequestShape = {}): RequestShape {
  const more = own(given)
  const members = Object.entries(more).filter(([, member]) => member !== undefined)
  return {
    ...base,
    ...(Object.fromEntries(members) as RequestShape),
    parameters: { ...base.parameters, ...more.parameters },
    parameterNames: { ...base.parameterNames, ...more.parameterNames },
    headers: { ...base.headers, ...more.headers },
    omit: [...(base.omit ?? []), ...(more.omit ?? [])],
  }
}

/**
 * The request as this server wants it, made of one as RFC 6749 has it. The client's authentication
 * is in it already.
 *
 * @internal
 */
export function shapedRequest(
  url: string,
  request: OutgoingRequest,
  shape: RequestShape,
  scopeSeparator = ' ',
): { url: string; request: OutgoingRequest } {
  const headers = { ...request.headers, ...lowerCased(shape.headers) }
  const usual = new URLSearchParams(request.body as URLSearchParams)
  separateScopes(usual, scopeSeparator)
  const shaped = shapedParameters(usual, { ...shape, parameterNames: {} })
  const built = shape.build?.({ headers, parameters: recordOf(shaped) })
  const parameters = shapedParameters(built ? fromRecord(built.parameters) : shaped, {
    parameterNames: shape.parameterNames,
  })
  const outgoing = {
    method: shape.method ?? request.method,
    headers: { ...(built?.headers ?? headers) },
  }
  if (outgoing.method === 'GET') {
    delete outgoing.headers['content-type']
    return { url: withQuery(url, parameters), request: outgoing }
  }
  if (shape.body !== 'json') return { url, request: { ...outgoing, body: parameters } }
  outgoing.headers['content-type'] = 'application/json'
  return { url, request: { ...outgoing, body: JSON.stringify(recordOf(parameters)) } }
}

/** The same of parameters alone, for the request that the user's browser is sent with. @internal */
export function shapedParameters(usual: URLSearchParams, given: ParameterShape): URLSearchParams {
  const { parameters = {}, parameterNames = {}, omit = [] } = own(given)
  const shaped = new URLSearchParams()
  for (const [name, value] of usual) {
    if (omit.includes(name) || Object.hasOwn(parameters, name)) continue
    shaped.append(Object.hasOwn(parameterNames, name) ? parameterNames[name]! : name, value)
  }
  for (const [name, value] of Object.entries(parameters)) shaped.append(name, value)
  return shaped
}

/** RFC 6749 §3.3 has spaces. @internal */
export function separateScopes(parameters: URLSearchParams, separator: string): void {
  const scope = parameters.get('scope')
  if (scope !== null) parameters.set('scope', scope.split(' ').join(separator))
}

function withQuery(url: string, parameters: URLSearchParams): string {
  const whole = new URL(url)
  setParameters(whole, parameters)
  return whole.href
}

/** In the place of those of the same names: none comes twice (RFC 6749 §3.1). @internal */
export function setParameters({ searchParams }: URL, parameters: URLSearchParams): void {
  for (const name of parameters.keys()) searchParams.delete(name)
  for (const [name, value] of parameters) searchParams.append(name, value)
}

function recordOf(parameters: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name)
      return [name, values.length === 1 ? values[0]! : values]
    }),
  )
}

function fromRecord(values: Readonly<Record<string, string | readonly string[]>>) {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, each] as [string, string]),
  )
  return new URLSearchParams(entries)
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
