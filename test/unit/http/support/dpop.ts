import { createHash } from 'node:crypto'
import { EmbeddedJWK, jwtVerify } from 'jose'
import type { Seen } from './server.js'

/** A private key of P-256, made for these tests. */
export const JWK = {
  kty: 'EC',
  crv: 'P-256',
  alg: 'ES256',
  x: 'ZG611mRacZfKcORil5xagIfkP9Yofj9sZ0wYy0i5NC0',
  y: 'Jjw8zcPYk87N8mKPU5CkFaHJYII0930PzSLQSTj84TU',
  d: 'udDeYYTPNBuiZyaju1FAafs3GR07_r4EbfO8vOEixvo',
}

export interface Proof {
  jti: string
  htm: string
  htu: string
  iat: number
  ath?: string
  nonce?: string
  alg: string
  jwk: Record<string, string>
}

/** A proof, its signature checked by the key in it. */
export async function readProof(jwt: string | string[] | undefined): Promise<Proof> {
  // The clock of the proof is judged by the test, not here.
  const { payload, protectedHeader } = await jwtVerify(String(jwt), EmbeddedJWK, {
    typ: 'dpop+jwt',
  })
  return { ...payload, alg: protectedHeader.alg, jwk: protectedHeader.jwk } as unknown as Proof
}

export const proofsOf = (seen: Seen[]): Promise<Proof[]> =>
  Promise.all(seen.map(({ headers }) => readProof(headers.dpop)))

export const hashOf = (token: string): string =>
  createHash('sha256').update(token).digest('base64url')
