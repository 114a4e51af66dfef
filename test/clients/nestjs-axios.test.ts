import type * as Nest from '@nestjs/axios'
import { createRequire } from 'node:module'
import axios from 'axios'
import { HttpService } from '@nestjs/axios'
import { firstValueFrom } from 'rxjs'
import { attachTokens } from 'tokenward/axios'
import { describe, expect, it } from 'vitest'
import { clientWorld, keepsTheLaws } from './support/world.js'

describe('@nestjs/axios, with tokens attached to the instance of its service', () => {
  // By types as well: those of Nest are axios' CommonJS ones, and ours are ESM here.
  keepsTheLaws(({ api, tokens }) => {
    const service = new HttpService(axios.create() as never)
    attachTokens(service.axiosRef, tokens, { origins: [api.origin] })
    return (url) => firstValueFrom(service.get(url))
  })

  it('is the CommonJS build that Nest loads, with its CommonJS axios', async () => {
    const require = createRequire(import.meta.url)
    const nest = require('@nestjs/axios') as typeof Nest
    const commonAxios = require('axios') as typeof axios
    const { api, tokens, refreshes } = await clientWorld()
    const service = new nest.HttpService(commonAxios.create() as never)
    attachTokens(service.axiosRef, tokens, { origins: [api.origin] })
    const { data } = await firstValueFrom(service.post(`${api.origin}/items`, { a: 1 }))
    expect(data).toEqual({ ok: true })
    expect(refreshes()).toBe(1)
  })
})
