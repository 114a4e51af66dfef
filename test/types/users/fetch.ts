import { fixedToken, tokenErrorOf, type TokenManager, type TokenSource } from 'tokenward'
import { createFetch, type FetchRequest, type TokenFetch } from 'tokenward/fetch'

/** Whatever takes a `fetch`. */
type Client = (options: { fetch: typeof fetch }) => unknown

declare const manager: TokenManager
declare const openApiClient: Client
declare function sourceOf(session: string | null): TokenSource | undefined

const origins = ['https://api.example.com']
const send: TokenFetch = createFetch(manager, { origins })
openApiClient({ fetch: send })

export async function use(): Promise<void> {
  const response: Response = await send(new URL('https://api.example.com/me'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ a: 1 }),
    signal: AbortSignal.timeout(1000),
  })
  const status: number | undefined = tokenErrorOf(response) ? response.status : undefined
  await send(new Request('https://api.example.com/me'), { tokens: false })
  await send('https://api.example.com/me', { tokens: fixedToken(`of ${status}`) })
}

createFetch(undefined, { origins })
createFetch(({ url, method, headers }: FetchRequest) => sourceOf(headers.get(url + method)), {
  origins,
  header: 'X-Token',
  format: (token) => token.toUpperCase(),
  isRejected: async (answer) => answer.status === 403 && (await answer.clone().text()) === 'x',
  fetch: (input, init) => fetch(input, { ...init, keepalive: true }),
})
createFetch(manager, { origins, fetch })

// @ts-expect-error `origins` is required
createFetch(manager, {})
// @ts-expect-error no such option
createFetch(manager, { origins, baseUrl: 'https://api.example.com' })
// @ts-expect-error a token is no source
createFetch('a-token', { origins })
