import { axiosAuthRefresh } from './axios-auth-refresh.ts'
import { axiosJwt } from './axios-jwt.ts'
import { bareAxios } from './bare-axios.ts'
import { coreRestPipeline } from './core-rest-pipeline.ts'
import { googleAuthLibrary } from './google-auth-library.ts'
import { msalNode } from './msal-node.ts'
import { oauth2Client } from './oauth2-client.ts'
import type { Peer } from './peer.ts'
import { smallestAdapter } from './smallest-adapter.ts'
import { smallestSession } from './smallest-session.ts'
import { smallestWholeAdapter } from './smallest-whole-adapter.ts'
import { tokenward } from './tokenward.ts'

/** The floor first, then us, then the others. */
export const ALL: readonly Peer[] = [
  bareAxios,
  tokenward,
  axiosAuthRefresh,
  axiosJwt,
  googleAuthLibrary,
  oauth2Client,
  coreRestPipeline,
  msalNode,
]

/** With what bounds a request or a session from below: for rows that measure these alone. */
export const WITH_BOUND: readonly Peer[] = [
  ...ALL,
  smallestAdapter,
  smallestWholeAdapter,
  smallestSession,
]

/** @throws Error for a name that is none */
export function peerNamed(name: string): Peer {
  const peer = WITH_BOUND.find((candidate) => candidate.name === name)
  if (!peer) throw new Error(`no contender is called ${name}`)
  return peer
}
