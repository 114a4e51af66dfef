import diagnosticsChannel from 'node:diagnostics_channel'
import axios, { AxiosError, type InternalAxiosRequestConfig } from 'axios'
import { onTestFinished, vi } from 'vitest'
import type { RefreshMessage, TokenSource } from 'tokenward'
import { attachTokens } from 'tokenward/axios'

/** All that is published on this channel until the test ends. */
export function listen<M>(name: `tokenward:${string}`): M[] {
  const messages: M[] = []
  const listener = (message: unknown) => messages.push(message as M)
  diagnosticsChannel.subscribe(name, listener)
  onTestFinished(() => void diagnosticsChannel.unsubscribe(name, listener))
  return messages
}

export interface Moment {
  moment: 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error'
  message: RefreshMessage
  /** What the message said at that moment. */
  said: RefreshMessage
}

/** All that is published on the tracing channel until the test ends. */
export function listenToRefreshes(): Moment[] {
  const moments: Moment[] = []
  const on = (moment: Moment['moment']) => (message: unknown) =>
    moments.push({ moment, message: message as RefreshMessage, said: { ...(message as any) } })
  const listeners = {
    start: on('start'),
    end: on('end'),
    asyncStart: on('asyncStart'),
    asyncEnd: on('asyncEnd'),
    error: on('error'),
  }
  const channel = diagnosticsChannel.tracingChannel('tokenward:refresh')
  channel.subscribe(listeners)
  onTestFinished(() => void channel.unsubscribe(listeners))
  return moments
}

export const endings = (moments: readonly Moment[]) =>
  moments.filter(({ moment }) => moment === 'asyncEnd').map(({ said }) => said)

/** An API that refuses these tokens. */
export function apiThatRefuses(refused: RegExp, source: TokenSource, attach = attachTokens) {
  const adapter = (config: InternalAxiosRequestConfig) => {
    const isRefused = refused.test(String(config.headers.get('Authorization')))
    const status = isRefused ? 401 : 200
    const answer = { data: '', status, statusText: '', headers: {}, config }
    if (!isRefused) return Promise.resolve(answer)
    return Promise.reject(new AxiosError('no', undefined, config, undefined, answer))
  }
  return attach(axios.create({ baseURL: 'https://api.example.com', adapter }), source)
}

/** The core as a runtime loads it that has this in the place of `diagnostics_channel`. */
export async function coreWith(module: unknown) {
  const real = process.getBuiltinModule
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
    name.endsWith('diagnostics_channel') ? module : real(name)) as never)
  vi.resetModules()
  onTestFinished(() => void vi.resetModules())
  return {
    core: await import('tokenward'),
    attachTokens: (await import('tokenward/axios')).attachTokens,
    channels: await import('../../../src/diagnostics/channels.js'),
  }
}
