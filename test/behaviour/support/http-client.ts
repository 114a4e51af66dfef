import axios, { AxiosError, type AxiosInstance, type AxiosResponse } from 'axios'
import { tokenErrorOf, type TokenError, type TokenSource } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { createFetch, type TokenFetch } from 'tokenward/fetch'

/** A request, as every adapter's caller can make it. */
export interface Ask {
  /** Absolute. */
  url: string
  method?: string
  headers?: Record<string, string>
  body?: string | URLSearchParams | FormData | Blob | ArrayBuffer | Uint8Array<ArrayBuffer>
  signal?: AbortSignal
  tokens?: TokenSource | false
}

/** What became of it: the answer, and why a 401 was passed on. */
export interface Outcome {
  status: number
  text: string
  reason: TokenError | undefined
  /** All that the caller can print. */
  shown: unknown[]
}

export interface ClientOptions {
  origins: string[]
  header?: string
  format?: (token: string) => string
}

/** An adapter, by what all of them have in common. */
export interface Client {
  name: string
  /** The platform that follows the redirects does not tell where they led through. */
  seesNoDetour?: boolean
  /** Nor where they ended: a 401 from there is taken for one of the API's. */
  seesNoEnd?: boolean
  /** Rejects where no request was answered. */
  with(source: TokenSource | undefined, options: ClientOptions): (ask: Ask) => Promise<Outcome>
}

/** Later ones name the URL that a response over `fetch` came from. */
const IS_OLD_AXIOS = /^1\.[0-8]\./.test(axios.VERSION)

export const CLIENTS: Client[] = [
  {
    name: 'axios over http',
    with: (source, options) =>
      axiosClient(attachTokens(axios.create({ adapter: 'http' }), source, options)),
  },
  {
    name: 'axios over fetch',
    seesNoDetour: true,
    seesNoEnd: IS_OLD_AXIOS,
    with: (source, options) =>
      axiosClient(attachTokens(axios.create({ adapter: 'fetch' }), source, options)),
  },
  { name: 'fetch', with: (source, options) => fetchClient(createFetch(source, options)) },
  {
    name: 'fetch with a Request',
    with: (source, options) => {
      const send = createFetch(source, options)
      return fetchClient((url, { tokens, ...init } = {}) =>
        send(new Request(url, init), tokens === undefined ? undefined : { tokens }),
      )
    },
  },
]

function axiosClient(instance: AxiosInstance) {
  const outcomeOf = ({ status, data }: AxiosResponse, ...shown: unknown[]): Outcome => ({
    status,
    text: String(data),
    reason: tokenErrorOf(shown[0]),
    shown,
  })
  return async ({ body, ...ask }: Ask): Promise<Outcome> => {
    try {
      const response = await instance.request({ ...ask, data: body, responseType: 'text' })
      return outcomeOf(response, response, instance)
    } catch (error) {
      // axios has an error of its own for an abort.
      if (axios.isCancel(error)) throw ask.signal?.reason
      if (!(error instanceof AxiosError) || !error.response) throw error
      return outcomeOf(error.response, error, instance)
    }
  }
}

function fetchClient(send: TokenFetch) {
  return async ({ url, ...init }: Ask): Promise<Outcome> => {
    const response = await send(url, init)
    const shown = [response, response.clone(), send, init]
    const { status } = response
    return { status, text: await response.text(), reason: tokenErrorOf(response), shown }
  }
}
