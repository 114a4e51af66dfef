import type { TokenResponse } from './issue.js'
import type { AuthorizationServerOptions } from './options.js'
import type { Paths } from './paths.js'
import type { Refusals } from './refusal.js'

/**
 * How the server of one provider responds: data, from the provider's documentation and from
 * responses that others have published (`test/providers/samples`).
 */
export interface Emulation {
  /** Where it stands. */
  readonly issuer: string
  readonly paths?: Partial<Paths>
  /** What it is like, where the test does not say otherwise. */
  readonly options?: Omit<AuthorizationServerOptions, 'issuer' | 'clientId' | 'clientSecret' | 'as'>
  /** How its requests are written. */
  readonly request?: RequestStyle
  /** What it adds to the redirect of a login that succeeded. */
  readonly redirect?: Readonly<Record<string, string>>
  /** The success that it sends, made from what RFC 6749 has. @default the same */
  readonly success?: (tokens: TokenResponse, grant: SuccessOf) => Record<string, unknown>
  readonly refusals?: Refusals
  /**
   * There is no refresh token: the access token itself is exchanged while it lives, by a request
   * of this grant type, which has it under this name.
   */
  readonly exchange?: { readonly grantType: string; readonly parameter: string }
}

export interface RequestStyle {
  /** Beside forms, which every server reads. @default false */
  readonly json?: boolean
  /** @default false: only POST is accepted */
  readonly get?: boolean
  /** The name of `client_id`, as TikTok's `client_key`. @default 'client_id' */
  readonly clientId?: string
  /**
   * The `redirect_uri` is the name of a registered one (eBay's RuName): the browser is sent to the
   * first of `redirectUris`, else to https://app.example.com/callback.
   */
  readonly redirectByName?: true
  /** Headers without which it refuses. */
  readonly headers?: readonly string[]
}

/** The response to a success. */
export type SuccessOf = 'login' | 'refresh' | 'client_credentials'
