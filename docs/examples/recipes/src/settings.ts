export interface Settings {
  /** Where browsers find the app, without a slash at the end. */
  origin: string
  issuer: string
  clientId: string
  clientSecret: string
  /** The API that is called for the user. */
  api: string
  redisUrl: string
}

export const settings: Settings = {
  origin: read('ORIGIN'),
  issuer: read('ISSUER'),
  clientId: read('CLIENT_ID'),
  clientSecret: read('CLIENT_SECRET'),
  api: read('API'),
  redisUrl: read('REDIS_URL'),
}

function read(name: string): string {
  const value = process.env[name]
  if (value) return value
  throw new Error(`The environment has no ${name}`)
}
