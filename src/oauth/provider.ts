import type { ClientAuthMethod } from './client-auth.js'

/**
 * Describes how one authorization server differs from RFC 6749, as plain data and small pure
 * functions. Fields that are absent mean that the server follows the RFC, so `{ issuer }` alone
 * describes a server without differences. `tokenward/providers` has descriptions of well-known
 * servers.
 *
 * Names of parameters and members are those of the HTTP messages. A path such as
 * `authed_user.access_token` or `errors.0.code` leads into nested objects and arrays.
 *
 * @public
 */
export interface Provider {
  /** For messages and documentation, such as `Slack`. */
  readonly name: string
  /**
   * The issuer's URL, from which the metadata are discovered (see `oauthClient`). Either this or
   * `endpoints.token` is required.
   */
  readonly issuer?: string | undefined
  /**
   * The server's endpoints. Beside an `issuer` they replace what its metadata say. Each may have
   * placeholders: see `variables`.
   */
  readonly endpoints?: ProviderEndpoints | undefined
  /**
   * The placeholders of `issuer`, of `endpoints` and of the parameters of requests, such as `shop`
   * for `https://{shop}/admin/oauth/access_token`, and what each value must match as a whole. The
   * values come from the `variables` of the client, of the login, or from the session's `extra`,
   * where those of the login are kept. (`issuer`: of the client only.)
   *
   * Keep each pattern narrow: what it lets through decides which host gets the client's secret.
   */
  readonly variables?: Readonly<Record<string, RegExp>> | undefined
  /**
   * How the client authenticates (RFC 6749 §2.3), unless the client's own `clientAuth` says it.
   *
   * @default chosen by the metadata: see `clientAuth` of `oauthClient`
   */
  readonly clientAuth?: ClientAuthMethod | undefined
  /** Whether a login uses PKCE (RFC 7636, S256). @default true */
  readonly pkce?: boolean | undefined
  /** What separates the scopes, in requests and in responses (RFC 6749 §3.3: a space). @default ' ' */
  readonly scopeSeparator?: string | undefined
  /** More members of the server's metadata (RFC 8414 §2). Only without an `issuer`. @default none */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined

  /** The authorization request, which the user's browser sends: only its parameters can differ. */
  readonly authorizationRequest?: ParameterShape | undefined
  /** Every request to the token endpoint, whatever the grant. */
  readonly tokenRequest?: RequestShape | undefined
  /** What differs from `tokenRequest` where a login's code is redeemed. */
  readonly codeRequest?: RequestShape | undefined
  /** What differs from `tokenRequest` at a refresh. */
  readonly refreshRequest?: RequestShape | undefined
  /** What differs from `tokenRequest` for client credentials. */
  readonly clientCredentialsRequest?: RequestShape | undefined
  /**
   * The token of a login is short-lived and is exchanged at once for a long-lived one by this
   * request, whose `subject_token` it is (rename it with `parameterNames`). What differs from
   * `tokenRequest`.
   */
  readonly exchangeRequest?: RequestShape | undefined
  /** What differs from RFC 7009 in a request that revokes a token. */
  readonly revocationRequest?: RequestShape | undefined

  /** Where the members of a token response are. */
  readonly tokenResponse?: ResponseShape | undefined
  /** What the server's errors mean. */
  readonly errors?: ErrorShape | undefined
  /**
   * Members of a token response that are kept in `TokenSet.extra`, by path, such as `instance_url`
   * or `team.id` (kept under the whole path). What a refresh leaves out stays as it was.
   *
   * @default none
   */
  readonly extra?: readonly string[] | undefined
  /**
   * Parameters of the redirect that ends a login (RFC 6749 §4.1.2) that are kept there as well, such
   * as QuickBooks' `realmId`. They come through the user's browser, where the user can change them:
   * never send a token to a host that one of them names. A member of the token response outranks
   * them, and no placeholder is filled with them.
   *
   * @default none
   */
  readonly redirectExtra?: readonly string[] | undefined

  /** The lifetime of an access token if the response does not say it, in ms. @default unknown */
  readonly assumedLifetimeMs?: number | undefined
  /** The lifetime of a refresh token if the response does not say it, in ms. @default unknown */
  readonly assumedRefreshTokenLifetimeMs?: number | undefined
  /**
   * What happens to the refresh token at a refresh:
   *
   * - `rotated`: each refresh returns a new one, and the old one becomes invalid
   * - `reused`: it stays the same
   * - `none`: there are no refresh tokens
   * - `access-token`: there are no refresh tokens. The access token itself is exchanged while it is
   *   valid, so it is stored as the refresh token too, and renewed after half of its lifetime
   *
   * Only `access-token` changes what is done.
   *
   * @default unknown
   */
  readonly refreshTokens?: 'rotated' | 'reused' | 'none' | 'access-token' | undefined
  /** Where all this comes from. */
  readonly about?: ProviderAbout | undefined
}

/**
 * Absolute URLs, by what they are for. Each replaces the one of the metadata, which is named here.
 *
 * @public
 */
export interface ProviderEndpoints {
  /** `authorization_endpoint` (RFC 6749 §3.1) */
  readonly authorization?: string | undefined
  /** `token_endpoint` (RFC 6749 §3.2) */
  readonly token?: string | undefined
  /** `device_authorization_endpoint` (RFC 8628 §3.1) */
  readonly deviceAuthorization?: string | undefined
  /** `revocation_endpoint` (RFC 7009 §2) */
  readonly revocation?: string | undefined
  /** `end_session_endpoint` (OpenID Connect RP-Initiated Logout §2) */
  readonly endSession?: string | undefined
  /** `jwks_uri`: the keys that sign ID tokens (RFC 7517 §5) */
  readonly jwks?: string | undefined
}

/** @public */
export interface ParameterShape {
  /**
   * Sent besides, or in place of what would be sent under the name. Values may have the
   * placeholders that `variables` names, such as `stores/{store}`.
   */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** Other names for parameters, such as `{ client_id: 'client_key' }`. */
  readonly parameterNames?: Readonly<Record<string, string>> | undefined
  /** Parameters, by their usual names, that are not sent. */
  readonly omit?: readonly string[] | undefined
}

/**
 * How a request differs. If two apply (`tokenRequest` and `refreshRequest`), their `parameters`,
 * `parameterNames`, `headers` and `omit` are merged. Of all other members, the more specific one
 * is used.
 *
 * @public
 */
export interface RequestShape extends ParameterShape {
  /** The URL to send it to, instead of the usual endpoint. It may have placeholders: see `variables`. */
  readonly endpoint?: string | undefined
  /** With `GET` the parameters are in the query. @default 'POST' */
  readonly method?: 'POST' | 'GET' | undefined
  /** The format of the body: urlencoded or JSON. @default 'form' */
  readonly body?: 'form' | 'json' | undefined
  /** Additional headers. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How the client authenticates in this request only. @default as in other requests */
  readonly clientAuth?: ClientAuthMethod | undefined
  /**
   * For what data cannot say: gets the request as it would be sent, the client's credentials
   * included, and returns the one to send. Must be pure. Renaming and encoding come after it.
   */
  readonly build?: ((request: BuiltRequest) => BuiltRequest) | undefined
}

/** @public */
export interface BuiltRequest {
  readonly headers: Readonly<Record<string, string>>
  /** By their usual names. */
  readonly parameters: Readonly<Record<string, string | readonly string[]>>
}

/**
 * Where a token response has what. JSON and form-encoded bodies are told apart by themselves.
 *
 * @public
 */
export interface ResponseShape {
  /**
   * For what data cannot say: makes of a body (parsed) what RFC 6749 §5.1 or §5.2 would have. The
   * rest of the shape, and `errors`, read what it returns. Must be pure.
   */
  readonly read?: ((body: Readonly<Record<string, unknown>>, status: number) => object) | undefined
  /**
   * The path of an object that has the members, such as `data`; of several the first that is an
   * object with an access token. What is not in it is looked for at the top.
   */
  readonly within?: string | readonly string[] | undefined
  /** The paths of members that have other names; of several the first that is there. */
  readonly names?: Readonly<Partial<Record<ResponseMember, string | readonly string[]>>> | undefined
  /** The unit of `expires_in` and `refresh_token_expires_in`. @default 'seconds' */
  readonly lifetimeUnit?: 'seconds' | 'milliseconds' | undefined
}

/** @public */
export type ResponseMember =
  | 'access_token'
  | 'token_type'
  | 'refresh_token'
  | 'expires_in'
  | 'expires_at'
  | 'refresh_token_expires_in'
  | 'refresh_token_expires_at'
  | 'scope'
  | 'id_token'

/**
 * What refusals mean, also those that come with status 200. The first list that matches decides;
 * what none matches means what it means everywhere.
 *
 * @public
 */
export interface ErrorShape {
  /** Where the error's word or number is. @default 'error' */
  readonly code?: string | readonly string[] | undefined
  /** Where its sentence is. @default 'error_description' */
  readonly description?: string | readonly string[] | undefined
  /** Tokens and an error in one response: these members say whether it is an error. @default none */
  readonly isError?: readonly ResponseMatch[] | undefined
  /** May be over in a while: it is tried again. */
  readonly passing?: readonly ResponseMatch[] | undefined
  /** The user is needed, for one resource or scope; the session goes on. */
  readonly stepUp?: readonly ResponseMatch[] | undefined
  /** The refresh token is dead. */
  readonly endsSession?: readonly ResponseMatch[] | undefined
}

/**
 * A text or number: the error's code is equal to it. An object: each member of the response, by
 * path, is equal to the value or to one of several, or matches the expression. `$status` is the HTTP
 * status, and `$body` the body as text where it is not JSON object, so that `{ $status: 400,
 * $body: '' }` is an empty 400. A function: must be pure.
 *
 * @public
 */
export type ResponseMatch =
  | string
  | number
  | Readonly<Record<string, MatchValue | readonly MatchValue[]>>
  | ((body: Readonly<Record<string, unknown>>, status: number) => boolean)

/** @public */
export type MatchValue = string | number | boolean | null | RegExp

/** @public */
export interface ProviderAbout {
  /** The pages of the provider's documentation that this was read from. */
  readonly sources: readonly string[]
  /** The day they were read, as `2026-11-28`. */
  readonly readOn: string
  /** What they do not say, or say in two ways, in sentences. */
  readonly unsure?: readonly string[] | undefined
}
