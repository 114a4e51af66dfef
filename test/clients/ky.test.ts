import ky from 'ky'
import { describe } from 'vitest'
import { keepsTheLaws } from './support/world.js'

describe('ky, with our fetch', () => {
  keepsTheLaws(({ apiFetch }) => {
    const client = ky.create({ fetch: apiFetch })
    return (url) => client.post(url, { json: { a: 1 } }).json()
  })
})
