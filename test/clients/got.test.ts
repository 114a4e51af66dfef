import got from 'got'
import { describe } from 'vitest'
import { keepsTheLaws } from './support/world.js'

describe('got, with two hooks', () => {
  keepsTheLaws(({ api, tokens }) => {
    const client = got.extend({
      retry: { limit: 0 },
      hooks: {
        beforeRequest: [
          async (options) => {
            if ((options.url as URL).origin !== api.origin) return
            options.headers.authorization = `Bearer ${await tokens.getAccessToken()}`
          },
        ],
        afterResponse: [
          async (response, retryWithMergedOptions) => {
            const sent = response.request.options.headers.authorization
            if (response.statusCode !== 401 || typeof sent !== 'string') return response
            const rejected = sent.slice('Bearer '.length)
            const token = await tokens.refresh({ rejected }).catch(() => undefined)
            if (token === undefined) return response
            return retryWithMergedOptions({ headers: { authorization: `Bearer ${token}` } })
          },
        ],
      },
    })
    return (url) => client(url).json()
  })
})
