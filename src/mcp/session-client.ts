import { isObject } from '../checks.js'
import { isClientAuthMethod, type ClientAuthMethod } from '../oauth/client-auth.js'

/**
 * Whom a session's tokens were issued to, by which server and for what: kept with them, in the
 * member `mcp` of their `extra`, so that every process can renew them.
 */
export interface SessionClient {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: string | undefined
  readonly clientAuth?: ClientAuthMethod | undefined
  /** Whether it was registered for this session (RFC 7591), and may be registered again. */
  readonly isRegistered: boolean
  /** The MCP server, as its metadata have it (RFC 8707). */
  readonly resource?: string | undefined
  /** All that was asked for so far. */
  readonly scope: string
}

type Extra = Readonly<Record<string, unknown>> | undefined

/** @internal */
export function withSessionClient(extra: Extra, client: SessionClient): Record<string, unknown> {
  return { ...extra, mcp: JSON.parse(JSON.stringify(client)) as unknown }
}

/** @returns `undefined` if the tokens were not made here @internal */
export function sessionClientOf(extra: Extra): SessionClient | undefined {
  const kept: unknown = extra?.mcp
  if (!isObject(kept)) return undefined
  const { issuer, clientId, clientSecret, clientAuth, isRegistered, resource, scope } =
    kept as Record<string, unknown>
  if (typeof issuer !== 'string' || typeof clientId !== 'string') return undefined
  return {
    issuer,
    clientId,
    clientSecret: textOf(clientSecret),
    clientAuth: isClientAuthMethod(clientAuth) ? clientAuth : undefined,
    isRegistered: isRegistered === true,
    resource: textOf(resource),
    scope: textOf(scope) ?? '',
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
