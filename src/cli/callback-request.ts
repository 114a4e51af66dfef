import type { IncomingMessage } from 'node:http'
import { REFUSALS, type PageResponse } from './callback-page.js'

/** What a request to the listener comes to. */
export type Callback = { readonly parameters: URLSearchParams } | { readonly refusal: PageResponse }

/** An authorization response is a code and a few words. */
const LONGEST_FORM = 64 * 1024

/**
 * The parameters of an authorization response, from the query or from a form
 * (`response_mode=form_post`). What is none changes nothing: a favicon, a prefetch, another site's
 * page that tries its luck.
 *
 * @throws if the browser goes away in the middle of a form
 * @internal
 */
export async function readCallback(home: URL, incoming: IncomingMessage): Promise<Callback> {
  const { method, headers, url = '' } = incoming
  // A name that was made to resolve to this machine (DNS rebinding) gives itself away here.
  if (headers.host !== home.host) return { refusal: REFUSALS.host }
  const [path, ...query] = url.split('?')
  if (path !== home.pathname) return { refusal: REFUSALS.path }
  if (isPrefetch(headers)) return { refusal: REFUSALS.prefetch }
  if (method !== 'GET' && method !== 'POST') return { refusal: REFUSALS.method }
  const text = method === 'GET' ? query.join('?') : await readForm(incoming)
  const parameters = text === undefined ? undefined : new URLSearchParams(text)
  const isResponse = parameters?.has('code') || parameters?.has('error')
  return parameters && isResponse ? { parameters } : { refusal: REFUSALS.noResponse }
}

/** The browser asks again when the user goes there. */
function isPrefetch(headers: IncomingMessage['headers']): boolean {
  const purpose = [headers['sec-purpose'], headers.purpose, headers['x-moz']].flat().join()
  return purpose.includes('prefetch') || purpose.includes('preview')
}

/** @returns `undefined` if it is none, or too long */
async function readForm(incoming: IncomingMessage): Promise<string | undefined> {
  const type = incoming.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return undefined
  const parts: Buffer[] = []
  let length = 0
  for await (const part of incoming as AsyncIterable<Buffer>) {
    length += part.length
    if (length > LONGEST_FORM) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
