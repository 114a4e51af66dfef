import type { Consent } from './consent.js'
import type { Settings } from './settings.js'

/** What the server has given out, and what became of it. */
export interface Ledger {
  readonly sessions: Map<string, Session>
  readonly refreshTokens: Map<string, RefreshTokenEntry>
  readonly accessTokens: Map<string, AccessTokenEntry>
  readonly codes: Map<string, CodeEntry>
  /** By their `request_uri` (RFC 9126). */
  readonly pushedRequests: Map<string, PushedRequest>
  /** By their device code (RFC 8628). */
  readonly deviceLogins: Map<string, DeviceLogin>
}

/** What one login started: the family of its refresh tokens, and their access tokens. */
export interface Session {
  readonly id: string
  readonly sub: string
  readonly scope: string | undefined
  isRevoked: boolean
}

export interface RefreshTokenEntry {
  readonly session: Session
  /** When it was first spent, in epoch milliseconds by the local clock. */
  spentAt: number | undefined
}

export interface AccessTokenEntry {
  readonly session: Session
  readonly scope: string | undefined
  /** Epoch milliseconds by the server's clock. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly jti: string
  isDenied: boolean
}

/** An authorization code (RFC 6749 §4.1.2), and what it may be redeemed for. */
export interface CodeEntry {
  readonly clientId: string | null
  /** Only where the request named it (§4.1.3). */
  readonly redirectUri: string | null
  readonly codeChallenge: string | null
  readonly nonce: string | null
  readonly audience: readonly string[]
  readonly sub: string
  readonly scope: string | undefined
  /** Epoch milliseconds by the local clock. */
  readonly expiresAt: number
  /** What it was redeemed for. */
  session?: Session
}

export interface PushedRequest {
  readonly parameters: URLSearchParams
  /** Epoch milliseconds by the local clock. */
  readonly expiresAt: number
}

/** A login on another device, from the request on. */
export interface DeviceLogin {
  readonly userCode: string
  readonly clientId: string | null
  readonly scope: string | undefined
  readonly audience: readonly string[]
  readonly expiresAt: number
  intervalMs: number
  polledAt: number
  /** What the user decided, as soon as that happened. */
  consent?: Consent
}

/** What a refresh token is worth when it is presented. */
export type RefreshTokenVerdict = 'unknown' | 'revoked' | 'current' | 'in-grace' | 'reused'

export function createLedger(): Ledger {
  return {
    sessions: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
    codes: new Map(),
    pushedRequests: new Map(),
    deviceLogins: new Map(),
  }
}

export function openSession(ledger: Ledger, sub: string, scope: string | undefined): Session {
  const session = { id: crypto.randomUUID(), sub, scope, isRevoked: false }
  ledger.sessions.set(session.id, session)
  return session
}

export function mintRefreshToken(ledger: Ledger, session: Session): string {
  const token = `rt_${randomText()}`
  ledger.refreshTokens.set(token, { session, spentAt: undefined })
  return token
}

/** RFC 9700 §4.14.2: a spent refresh token that comes again is in two hands. */
export function judgeRefreshToken(
  entry: RefreshTokenEntry | undefined,
  settings: Settings,
): RefreshTokenVerdict {
  if (!entry) return 'unknown'
  if (entry.session.isRevoked) return 'revoked'
  if (entry.spentAt === undefined) return 'current'
  return Date.now() - entry.spentAt < settings.reuseGraceMs ? 'in-grace' : 'reused'
}

/** Whether the server would call the access token good at this moment. */
export function isLive(
  entry: AccessTokenEntry | undefined,
  settings: Settings,
): entry is AccessTokenEntry {
  if (!entry || entry.isDenied || entry.session.isRevoked) return false
  return serverNow(settings) < entry.expiresAt
}

/** The session that a token of either kind belongs to. */
export function sessionOf(ledger: Ledger, token: string): Session | undefined {
  return (ledger.refreshTokens.get(token) ?? ledger.accessTokens.get(token))?.session
}

export function serverNow(settings: Settings): number {
  return Date.now() + settings.clockOffsetMs
}

export function randomText(): string {
  return crypto.randomUUID().replaceAll('-', '')
}
