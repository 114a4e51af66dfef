import type { Ledger, ServerQuestion } from '../children/server.child.ts'
import type { Issued, Setup } from '../peers/peer.ts'
import { startChild } from './child.ts'

export interface ClientOptions {
  client: string
  lifetimeMs: number
  /** How long the token endpoint takes. */
  delayMs: number
  isJwt?: boolean
  /** Of the tokens that the client begins with. */
  firstLifetimeMs?: number
}

/** An API and a token endpoint, in a process of their own. */
export interface Server {
  /** Begins anew for this client: new tokens, nothing counted yet. */
  open(options: ClientOptions): Promise<Setup>
  ledger(client: string): Promise<Ledger>
  stop(): Promise<void>
}

export async function startServer(): Promise<Server> {
  const child = startChild<ServerQuestion, unknown>('children/server.child.ts')
  const origin = (await child.ask({ kind: 'listen' })) as string
  return {
    async open({ client, isJwt = false, ...options }) {
      const issued = (await child.ask({ kind: 'open', client, isJwt, ...options })) as Issued
      const baseURL = `${origin}/${encodeURIComponent(client)}`
      return { issued, baseURL, tokenEndpoint: `${baseURL}/token` }
    },
    ledger: async (client) => (await child.ask({ kind: 'ledger', client })) as Ledger,
    stop: () => child.stop(),
  }
}
