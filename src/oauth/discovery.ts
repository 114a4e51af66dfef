import { JSON_ATTRIBUTE_COMPARISON, processDiscoveryResponse } from 'oauth4webapi'
import { now } from '../clock.js'
import { isTokenError, RefreshRejectedError, RefreshUnavailableError } from '../errors.js'
import { retryAfterIn, retryAfterMs } from '../http/retry-after.js'
import { isPassing } from '../http/token-answer.js'
import { redact } from '../redact.js'
import { connectionError } from './connection-error.js'
import { titleOfPage } from './page-title.js'
import { parseUrl, showUrl, type UrlRule } from './secure-url.js'
import { withDeadline } from '../wait.js'
import { isTemplateOf } from './issuer-template.js'
import { isDeeplyNested } from '../nested-json.js'
import { sampleOf } from './provider/variables.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'
import { isSuccess, type TokenFetchResponse, type Transport } from './transport.js'

/** Both documents together; half of an attempt's 10 s, so that the token request has the rest. */
const DISCOVERY_TIMEOUT_MS = 5_000

const ACCEPT_JSON = { accept: 'application/json' }
const OPENID = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'

/** What a message tells whoever reads it, as far as they chose the issuer. */
export interface IssuerAdvice {
  readonly toCheck: string
  /** What goes without metadata. */
  readonly instead?: string
}

/** @internal */
export const BY_OPTION: IssuerAdvice = {
  toCheck: 'check `issuer`',
  instead: ', or set `tokenEndpoint`',
}

/**
 * Metadata found once, however many ask; a failure is forgotten, so the next call asks again.
 *
 * @param known - members that replace what is found
 * @internal
 */
export function createDiscovery(
  issuer: URL,
  transport: Transport,
  assertUrl: UrlRule,
  advice: IssuerAdvice,
  known: Readonly<Record<string, string>> = {},
): () => Promise<AuthorizationServerMetadata> {
  let found: Promise<AuthorizationServerMetadata> | undefined
  const find = async (signal: AbortSignal) =>
    usable(issuer, { ...(await findMetadata(issuer, transport, advice, signal)), ...known }, assertUrl) // prettier-ignore
  return () => {
    if (found) return found
    const flight = withDeadline(find, DISCOVERY_TIMEOUT_MS, () =>
      unavailable(issuer, `took longer than ${DISCOVERY_TIMEOUT_MS} ms`),
    )
    found = flight
    // Also keeps a failure that nobody waits for any more from being an unhandled rejection.
    flight.catch(() => (found = undefined))
    return flight
  }
}

async function findMetadata(
  issuer: URL,
  transport: Transport,
  advice: IssuerAdvice,
  signal: AbortSignal,
): Promise<AuthorizationServerMetadata> {
  const answers: Answer[] = []
  for (const url of documentsOf(issuer)) {
    const answer = await ask(issuer, url, transport, signal)
    const metadata = isSuccess(answer) ? await readMetadata(issuer, answer.body, advice) : undefined
    if (metadata) return metadata
    answers.push(answer)
  }
  // A captive portal, or a site that answers every path with its page: it may pass.
  const page = titleOfPage((answers.find(isSuccess) ?? answers[0]!).body)
  if (answers.some(isSuccess)) {
    throw unavailable(issuer, `got ${page || 'a page'} instead of metadata`)
  }
  const statuses = answers.map(({ status }) => status)
  throw new RefreshRejectedError(
    `Discovery found no metadata at ${showUrl(issuer)} (HTTP ${statuses.join(' and ')}${page && `, ${page}`}): ` +
      `${advice.toCheck}${advice.instead ?? ''}`,
    { status: statuses[0] },
  )
}

/**
 * Where servers have their metadata, the most usual first: OpenID Connect Discovery §4, which puts
 * its name behind an issuer's path; RFC 8414 §3, which puts it before; and both together (§5).
 */
function documentsOf({ origin, pathname, search }: URL): string[] {
  const path = pathname.replace(/\/$/, '')
  const inserted = (name: string) => `${origin}${name}${path}${search}`
  return [...new Set([`${origin}${path}${OPENID}${search}`, inserted(OAUTH), inserted(OPENID)])]
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** The body is read whatever the status: an unread one holds its connection, and the process. */
async function ask(
  issuer: URL,
  url: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<Answer> {
  let answer: TokenFetchResponse
  let body: string
  try {
    answer = await transport(url, { method: 'GET', headers: ACCEPT_JSON }, signal)
    body = await answer.text()
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    const what = `Discovery failed: ${showUrl(issuer)}`
    throw connectionError(what, cause, { cause, outcome: 'not-sent' })
  }
  const { status, headers } = answer
  if (isPassing(status)) {
    const retryAfter = retryAfterIn((name) => headers.get(name), status)
    const waitMs = retryAfterMs(retryAfter, headers.get('date'), now())
    throw unavailable(issuer, `got HTTP ${status}`, { status, retryAfterMs: waitMs })
  }
  return { status, body }
}

/** `undefined` if the body is no metadata at all. */
async function readMetadata(
  issuer: URL,
  body: string,
  advice: IssuerAdvice,
): Promise<AuthorizationServerMetadata | undefined> {
  if (isDeeplyNested(body)) return undefined
  // A file without extension is served under any content type: what is inside decides.
  const asJson = new Response(body, { headers: { 'content-type': 'application/json' } })
  try {
    return await processDiscoveryResponse(issuer, asJson)
  } catch (error) {
    if (!isForeign(error)) return undefined
    const metadata = JSON.parse(body) as AuthorizationServerMetadata
    if (isTemplateOf(metadata.issuer, issuer)) return metadata
    throw foreignIssuer(issuer, metadata.issuer, advice)
  }
}

/** An `issuer` that is no URL makes oauth4webapi throw a plain TypeError. */
function isForeign(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === JSON_ATTRIBUTE_COMPARISON || error instanceof TypeError
}

/** RFC 8414 §3.3, OpenID Connect Discovery §4.3: metadata of another issuer must not be used. */
function foreignIssuer(
  issuer: URL,
  found: string,
  { toCheck }: IssuerAdvice,
): RefreshRejectedError {
  const url = parseUrl(found)
  return new RefreshRejectedError(
    `Discovery at ${showUrl(issuer)} found the metadata of another issuer (${url ? redact(showUrl(url)) : 'not a URL'}): ${toCheck}`,
  )
}

function usable(
  issuer: URL,
  metadata: AuthorizationServerMetadata,
  assertUrl: UrlRule,
): AuthorizationServerMetadata {
  const { token_endpoint: endpoint }: { token_endpoint?: unknown } = metadata
  if (typeof endpoint !== 'string' || endpoint === '') {
    throw new RefreshRejectedError(`The metadata of ${showUrl(issuer)} has no token_endpoint`)
  }
  // One with placeholders too, as far as it says where it leads.
  const sample = sampleOf(endpoint)
  if (sample !== undefined) assertUrl(sample)
  return Object.freeze(metadata)
}

function unavailable(
  issuer: URL,
  what: string,
  facts: { status?: number; retryAfterMs?: number } = {},
): RefreshUnavailableError {
  return new RefreshUnavailableError(`Discovery of ${showUrl(issuer)} ${what}`, {
    outcome: 'not-sent', // of the token request, which is what counts
    ...facts,
  })
}
