import axios, { Axios, type InternalAxiosRequestConfig } from 'axios'
import { NOWHERE, type Destination, type Origins } from '../origins.js'

const IGNORES_OPTION = /^1\.8\.[0-2]$/.test(axios.VERSION)

/** axios' own test for what `baseURL` is not put before. */
const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i

/** Where this request will be sent, by axios' own combination of `baseURL` and `url`. */
export function destinationOf(config: InternalAxiosRequestConfig, origins: Origins): Destination {
  const { baseURL, url, allowAbsoluteUrls } = config
  // Nothing that is appended to a base and a slash changes its origin.
  if (typeof baseURL === 'string' && baseURL !== '' && !isAbsolute(url)) {
    return origins.destinationOfBase(baseURL)
  }
  const combined = urlOf(config)
  if (combined === undefined) return NOWHERE
  const destination = origins.destinationOf(combined)
  // axios 1.8.0 to 1.8.2 send to `url` itself, whatever the option says and `getUri` answers.
  const isReadTwoWays = IGNORES_OPTION && allowAbsoluteUrls === false && isAbsolute(url)
  return isReadTwoWays && !origins.destinationOf(url as string).isBound ? NOWHERE : destination
}

function isAbsolute(url: unknown): boolean {
  return typeof url === 'string' && ABSOLUTE.test(url)
}

/**
 * The URL of this request without its `params`, by the very code that the adapters use. What that
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
