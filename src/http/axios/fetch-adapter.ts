import type { InternalAxiosRequestConfig } from 'axios'
import { isForm } from '../body.js'
import { originOf } from '../origins.js'

type Fetch = NonNullable<NonNullable<InternalAxiosRequestConfig['env']>['fetch']>

/** Where each request ended, after the redirects that the platform followed. */
const finalUrls = new WeakMap<object, string>()

/** One for each `fetch`: axios keeps an adapter for each that it is given, forever. */
const observers = new WeakMap<Fetch, Fetch>()
const observeGlobal = observing((input, init) => globalThis.fetch(input, init))

/**
 * What the `fetch` adapter needs more than others. The platform follows redirects by itself: it
 * takes `Authorization` out on its way to another origin (Fetch standard, HTTP-redirect fetch), but
 * no other header. So with another one, or with a proof, which is for one URL alone, redirects
 * are not followed. And it makes up another
 * boundary each time it sends a form, so that a form is turned into bytes once.
 */
export async function fetchOverlay(
  config: InternalAxiosRequestConfig,
  followsRedirects: boolean,
): Promise<Partial<InternalAxiosRequestConfig>> {
  const { env, fetchOptions } = config
  const data: unknown = config.data
  return {
    env: { ...env, fetch: observed(env?.fetch) },
    ...(!followsRedirects && {
      fetchOptions: { ...fetchOptions, redirect: 'manual' },
    }),
    ...(isForm(data) && !hasBoundary(config) && (await serialised(config, data))),
  }
}

/**
 * Whether the response came from another origin, if the `fetch` adapter sent the request and told:
 * the platform took the token out on the way to any other, one of ours too.
 *
 * @param sent.url - where it was sent
 */
export function isMovedOn(request: unknown, sent: { readonly url: string }): boolean {
  const finalUrl = finalUrls.get(request as object)
  return finalUrl !== undefined && originOf(finalUrl) !== originOf(sent.url)
}

async function serialised(
  config: InternalAxiosRequestConfig,
  form: FormData,
): Promise<Partial<InternalAxiosRequestConfig>> {
  const body = new Response(form)
  const headers = config.headers.concat({ 'Content-Type': body.headers.get('content-type') })
  return { data: await body.blob(), headers }
}

/** axios builds the body by the boundary that the caller fixed. */
function hasBoundary({ headers }: InternalAxiosRequestConfig): boolean {
  return /boundary=/i.test(String(headers.get('content-type')))
}

function observed(fetch: Fetch | undefined): Fetch {
  if (!fetch) return observeGlobal
  const known = observers.get(fetch) ?? observing(fetch)
  observers.set(fetch, known)
  return known
}

function observing(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (typeof input === 'object' && response.redirected) finalUrls.set(input, response.url)
    return response
  }
}
