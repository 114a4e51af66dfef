import axios from 'axios'
import { attachTokens } from 'tokenward/axios'
import { UsageError } from './arguments.js'
import { API } from './configuration.js'
import { openTokens } from './session.js'
import { print, withSpinner } from './terminal.js'

/** @import { Request } from './arguments.js' */

/** @param {Request} request */
export async function whoami({ profile }) {
  const { name } = await get(profile, '/me')
  print(name)
}

/** @param {Request} request */
export async function getPath({ profile, path }) {
  if (!path.startsWith('/')) throw new UsageError('PATH begins with a slash')
  const data = await get(profile, path)
  print(typeof data === 'string' ? data : JSON.stringify(data, null, 2))
}

/**
 * @param {string} profile
 * @param {string} path
 */
async function get(profile, path) {
  const api = attachTokens(axios.create({ baseURL: API }), openTokens(profile))
  const { data } = await withSpinner('Asking the API', () => api.get(path))
  return data
}
