import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, jwtVerify } from 'jose'
import { openLoopback } from './loopback.js'
import { RESOURCE } from './provider.js'

/** An API on loopback that takes DPoP tokens only, and checks each proof as RFC 9449 §4.3 has it. */
export interface DpopApi {
  readonly origin: string
  /** What was answered, in order: `ok`, or the error. */
  readonly answers: string[]
  /** The proofs that it took, by their `jti`. */
  readonly proofs: Set<string>
  /** Answers 401 to this token from now on, though it has not expired. */
  deny(accessToken: string | undefined): void
  /** From now on another nonce is wanted. */
  rotateNonce(): void
  stop(): Promise<void>
}

class Refusal extends Error {}

export async function startDpopApi(issuer: string): Promise<DpopApi> {
  const loopback = await openLoopback()
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const denied = new Set<string | undefined>()
  let nonce = randomUUID()

  /** @throws Refusal with the error of the challenge */
  const judge = async ({ method, url, headers }: IncomingMessage): Promise<unknown> => {
    const [scheme, token = ''] = (headers.authorization ?? '').split(' ')
    if (scheme !== 'DPoP' || denied.has(token)) throw new Refusal('invalid_token')
    const verified = await jwtVerify(token, keys, { issuer, audience: RESOURCE }).catch(() => {
      throw new Refusal('invalid_token')
    })
    const { cnf, sub } = verified.payload as { cnf?: { jkt?: string }; sub?: string }
    const { payload, protectedHeader } = await jwtVerify(String(headers.dpop), EmbeddedJWK, {
      typ: 'dpop+jwt',
      maxTokenAge: 60,
    }).catch(() => {
      throw new Refusal('invalid_dpop_proof')
    })
    const isRight =
      payload.htm === method &&
      payload.htu === `${api.origin}${String(url).split('?')[0]}` &&
      payload.ath === createHash('sha256').update(token).digest('base64url') &&
      cnf?.jkt === (await calculateJwkThumbprint(protectedHeader.jwk!)) &&
      !api.proofs.has(payload.jti!)
    if (!isRight) throw new Refusal('invalid_dpop_proof')
    if (payload.nonce !== nonce) throw new Refusal('use_dpop_nonce')
    api.proofs.add(payload.jti!)
    return sub
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    request.resume()
    try {
      const name = await judge(request)
      api.answers.push('ok')
      response.writeHead(200, { 'content-type': 'application/json', 'dpop-nonce': nonce })
      response.end(JSON.stringify({ name }))
    } catch (error) {
      const said = error instanceof Refusal ? error.message : 'server_error'
      api.answers.push(said)
      response.writeHead(401, {
        'www-authenticate': `DPoP algs="ES256", error="${said}"`,
        'dpop-nonce': nonce,
      })
      response.end()
    }
  }

  const api: DpopApi = {
    origin: loopback.origin,
    answers: [],
    proofs: new Set(),
    deny: (accessToken) => void denied.add(accessToken),
    rotateNonce: () => void (nonce = randomUUID()),
    stop: () => loopback.stop(),
  }
  loopback.serve((request, response) => void answer(request, response))
  return api
}
