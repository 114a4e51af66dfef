import { Axios, type InternalAxiosRequestConfig } from 'axios'
import type { Origins, Target } from '../origins.js'

const NOWHERE: Target = { isBound: false, hasCredentials: false }

/** axios' own test for what `baseURL` is not put before. */
const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i

/** Where this request will be sent, by axios' own combination of `baseURL` and `url`. */
export function targetOf(config: InternalAxiosRequestConfig, origins: Origins): Target {
  const { baseURL, url } = config
  // Nothing that is appended to a base and a slash changes its origin.
  if (typeof baseURL === 'string' && baseURL !== '' && !isAbsolute(url)) {
    return origins.targetOfBase(baseURL)
  }
  const combined = urlOf(config)
  return combined === undefined ? NOWHERE : origins.targetOf(combined)
}

function isAbsolute(url: unknown): boolean {
  return typeof url === 'string' && ABSOLUTE.test(url)
}

/**
 * The URL of this request, but for `params`; by the very code that the adapters use. What that
 * refuses is not sent anywhere.
 */
export function urlOf({
  baseURL,
  url,
  allowAbsoluteUrls,
}: InternalAxiosRequestConfig): string | undefined {
  try {
    return Axios.prototype.getUri.call({ defaults: {} } as Axios, {
      baseURL,
      url,
      allowAbsoluteUrls,
    })
  } catch {
    return undefined
  }
}
