import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oauthClient, type OAuthFetch } from 'tokenward/oauth'
import { refreshContext } from '../unit/oauth/support.js'

const folder = mkdtempSync(join(tmpdir(), 'tokenward-mtls-'))
const server = makeCertificate('server')
const client = makeCertificate('client')
const stranger = makeCertificate('stranger')

interface Received {
  readonly path: string
  readonly body: string
  readonly certificate: string | undefined
}

/** An authorization server that asks for a certificate at one port and not at the other. */
describe('a client that authenticates by its certificate (RFC 8705)', () => {
  const received: Received[] = []
  const closings: (() => void)[] = []
  let origin = ''
  let mtlsOrigin = ''

  beforeAll(async () => {
    mtlsOrigin = await serve({ requestCert: true, rejectUnauthorized: true, ca: client.cert })
    origin = await serve({})
  })
  afterAll(() => {
    for (const close of closings) close()
    rmSync(folder, { recursive: true })
  })

  async function serve(options: ServerOptions): Promise<string> {
    const listener = createServer({ ...options, key: server.key, cert: server.cert })
    listener.on('request', (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        const { CN } = ((request.socket as TLSSocket).getPeerCertificate() as { subject?: { CN?: string } }).subject ?? {} // prettier-ignore
        received.push({ path: request.url!, body, certificate: CN })
        const metadata = {
          issuer: origin,
          token_endpoint: `${origin}/token`,
          mtls_endpoint_aliases: { token_endpoint: `${mtlsOrigin}/mtls-token` },
        }
        const isMetadata = request.url!.includes('.well-known')
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(isMetadata ? metadata : { access_token: 'AT1' }))
      })
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    closings.push(() => {
      listener.closeAllConnections()
      listener.close()
    })
    return `https://127.0.0.1:${(listener.address() as AddressInfo).port}`
  }

  function fetchWith(certificate: { key: string; cert: string }): OAuthFetch {
    const dispatcher = new Agent({ connect: { ...certificate, ca: server.cert } })
    closings.push(() => void dispatcher.close())
    return (url, init) => undiciFetch(url, { ...init, dispatcher })
  }

  it('sends its id and no secret, at the endpoint that asks for the certificate', async () => {
    const oauth = oauthClient({
      issuer: origin,
      clientId: 'app',
      clientAuth: 'tls_client_auth',
      fetch: fetchWith(client),
    })
    await expect(oauth.refreshToken()(refreshContext())).resolves.toMatchObject({
      accessToken: 'AT1',
    })
    expect(received.at(-1)).toEqual({
      path: '/mtls-token',
      body: 'refresh_token=RT1&grant_type=refresh_token&client_id=app',
      certificate: 'client',
    })
  })

  it('goes to the usual endpoint where it authenticates otherwise', async () => {
    const oauth = oauthClient({ issuer: origin, clientId: 'app', fetch: fetchWith(client) })
    await oauth.refreshToken()(refreshContext())
    expect(received.at(-1)).toMatchObject({ path: '/token' })
  })

  it('is told whose certificate nobody knows, in the message itself', async () => {
    const error: unknown = await oauthClient({ issuer: origin, clientId: 'app' })
      .discover()
      .catch((error: unknown) => error)
    expect(error).toMatchObject({
      code: 'ERR_REFRESH_REJECTED',
      isTransient: false,
      message: expect.stringMatching(/DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/),
    })
  })

  it('is refused with the certificate of somebody else', async () => {
    const before = received.length
    const oauth = oauthClient({
      metadata: { issuer: origin, token_endpoint: `${mtlsOrigin}/mtls-token` },
      clientId: 'app',
      clientAuth: 'self_signed_tls_client_auth',
      fetch: fetchWith(stranger),
    })
    await expect(oauth.refreshToken()(refreshContext())).rejects.toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
    })
    expect(received).toHaveLength(before)
  })
})

/** Signed by itself, for a day. */
function makeCertificate(name: string): { key: string; cert: string } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const files = ['-keyout', key, '-out', cert, '-days', '1']
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  execFileSync('openssl', ['req', ...kind, ...files, ...subject], { stdio: 'ignore' })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}
