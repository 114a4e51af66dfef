import { isObject } from '../checks.js'
import type { Scrubber } from '../redact.js'
import { retryAfterIn } from './retry-after.js'
import { readRefusalBody, type SaidInRefusal } from './refusal-body.js'

/** A refusal that an HTTP client threw. */
export interface ThrownRefusal extends SaidInRefusal {
  readonly status: number | undefined
  readonly retryAfter: string | undefined
  readonly date: string | undefined
}

/**
 * `error` and `status` (openid-client, oauth4webapi), or `response` with the body in its `data`
 * (axios) or beside it (ky, ofetch).
 *
 * @param read - its response, where the body had to be read
 * @returns `undefined` if there was no response
 * @internal
 */
export function readThrownRefusal(
  thrown: unknown,
  scrubber: Scrubber,
  read?: object,
): ThrownRefusal | undefined {
  const outer = members(thrown)
  const response = members(read ?? outer.response)
  const bodies = [response.data, outer.data, outer.cause].map(parsed)
  const status = [outer.status, response.status].find((value) => typeof value === 'number')
  const body = [outer, ...bodies].find(saysError) ?? bodies.find((each) => each !== undefined)
  if (!saysError(body) && status === undefined) return undefined
  const headers = response.headers ?? outer.headers
  const said =
    body === outer
      ? readRefusalBody(bodies.find(saysError) ?? oauthMembers(outer), scrubber, {
          error: outer.error,
          errorDescription: outer.error_description,
        })
      : readRefusalBody(body, scrubber)
  return {
    ...said,
    status,
    retryAfter: retryAfterIn((name) => header(headers, name), status),
    date: header(headers, 'date'),
  }
}

/**
 * What a user's function returned in the place of tokens: a body, or a client's whole response with
 * the body in its `data` (axios, where `validateStatus` lets every status pass).
 *
 * @internal
 */
export function readReturnedRefusal(
  returned: unknown,
  scrubber: Scrubber,
): SaidInRefusal & Partial<ThrownRefusal> {
  const outer = members(returned)
  const isWhole = 'data' in outer && typeof outer.status === 'number'
  const said = isWhole ? readThrownRefusal(returned, scrubber) : undefined
  return said ?? readRefusalBody(returned, scrubber)
}

/** Of an error only these: it holds the request too. */
function oauthMembers({ error, error_description, error_uri }: Record<string, unknown>) {
  return { error, error_description, error_uri }
}

/** A body that its client left as text. */
function parsed(body: unknown): unknown {
  if (body instanceof Error) return undefined
  if (typeof body !== 'string') return isObject(body) ? body : undefined
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : body
  } catch {
    return body
  }
}

function saysError(body: unknown): boolean {
  const { error } = members(body)
  return (typeof error === 'string' && error !== '') || typeof error === 'number' || isObject(error)
}

function header(headers: unknown, name: string): string | undefined {
  const { get } = members(headers)
  const value: unknown =
    typeof get === 'function'
      ? (get as (name: string) => unknown).call(headers, name)
      : members(headers)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function members(value: unknown): Record<string, unknown> {
  return isObject(value) ? (value as Record<string, unknown>) : {}
}
