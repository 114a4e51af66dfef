import { isJsonType, seeBody } from './readable-json.js'

/** Said by Apollo Server and most others where a token is missing or has expired. */
const UNAUTHENTICATED = 'UNAUTHENTICATED'

/**
 * For `isRejected`: whether a GraphQL response says, with status 200, that the token was not
 * accepted (`errors[].extensions.code: "UNAUTHENTICATED"`).
 *
 * @example
 * attachTokens(api, tokens, { isRejected: isGraphqlUnauthenticated })
 *
 * @public
 */
export function isGraphqlUnauthenticated(response: Response): Promise<boolean>
export function isGraphqlUnauthenticated(response: { data: unknown }): boolean
export function isGraphqlUnauthenticated(
  response: Response | { data: unknown },
): boolean | Promise<boolean> {
  if ('data' in response) return saysUnauthenticated(response.data)
  if (!isJsonType(response.headers.get('content-type'))) return Promise.resolve(false)
  return beginningOf(response.clone()).then(saysUnauthenticated, () => false)
}

/** An error comes without data: what is longer than is read ahead is none. */
async function beginningOf(copy: Response): Promise<unknown> {
  if (!copy.body) return undefined
  const { value, body } = await seeBody(copy.body)
  // The copy would keep in memory whatever the caller reads of the rest.
  if (body instanceof ReadableStream) body.cancel().catch(() => undefined)
  return value
}

function saysUnauthenticated(body: unknown): boolean {
  const errors = membersOf(body).errors
  return (
    Array.isArray(errors) &&
    errors.some((error) => membersOf(membersOf(error).extensions).code === UNAUTHENTICATED)
  )
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
