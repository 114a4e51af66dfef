import axios from 'axios'
import { attachTokens } from 'tokenward/axios'
import { UsageError, type Request } from './arguments.js'
import { API } from './configuration.js'
import { withTokens } from './session.js'
import { print, printJson, withSpinner } from './terminal.js'

export async function whoami({ profile, isJson }: Request): Promise<void> {
  const user = (await get(profile, '/me')) as { name: string }
  if (isJson) printJson(user)
  else print(user.name)
}

export async function getPath({ profile, operand: path }: Request): Promise<void> {
  if (!path.startsWith('/')) throw new UsageError('PATH begins with a slash')
  const data = await get(profile, path)
  if (typeof data === 'string') print(data)
  else printJson(data)
}

async function get(profile: string | undefined, path: string): Promise<unknown> {
  return withTokens(profile, async (tokens) => {
    const api = attachTokens(axios.create({ baseURL: API }), tokens)
    const { data } = await withSpinner('Asking the API', () => api.get<unknown>(path))
    return data
  })
}
