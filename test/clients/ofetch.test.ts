import { createFetch as createOfetch } from 'ofetch'
import { describe } from 'vitest'
import { keepsTheLaws } from './support/world.js'

describe('ofetch, with our fetch', () => {
  keepsTheLaws(({ apiFetch }) => {
    const client = createOfetch({ fetch: apiFetch })
    return (url) => client(url, { method: 'POST', body: { a: 1 } })
  })
})
