import type { ICachePlugin } from '@azure/msal-node'
import { appWith, loggedIn, loginAnswer, SCOPES } from './msal-node.ts'
import type { Issued } from './peer.ts'
import { requestTokens } from './wire.ts'

const EXTENSIONS = '../node_modules/@azure/msal-node-extensions/dist/persistence'

/**
 * The README of @azure/msal-node-extensions, "Cache Persistence", with the plain file of its
 * `usePlaintextFileOnLinux`. The package's entry wants a keyring's binary; these two modules do not.
 */
async function cachePlugin(path: string): Promise<ICachePlugin> {
  const { FilePersistence } = await import(`${EXTENSIONS}/FilePersistence.mjs`)
  const { PersistenceCachePlugin } = await import(`${EXTENSIONS}/PersistenceCachePlugin.mjs`)
  return new PersistenceCachePlugin(await FilePersistence.create(path)) as ICachePlugin
}

/** It speaks https to its authority alone: its network client is led to the endpoint here. */
export async function msalOnFile(path: string, tokenEndpoint: string, issued: Issued) {
  const refresh = async () => {
    const answer = await requestTokens(tokenEndpoint, issued.refreshToken)
    return { ...loginAnswer(issued), ...answer }
  }
  const app = appWith(refresh, { cachePlugin: await cachePlugin(path) })
  return {
    /** By another app, as it was another process that logged in. */
    logIn: async () => loggedIn(issued, { cachePlugin: await cachePlugin(path) }),
    getToken: async () => {
      const [account] = await app.getTokenCache().getAllAccounts()
      return app.acquireTokenSilent({ account: account!, scopes: SCOPES })
    },
  }
}
