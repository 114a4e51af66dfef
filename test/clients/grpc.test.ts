import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import type { TokenManager } from 'tokenward'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clientWorld } from './support/world.js'

const text = { serialize: (value: string) => Buffer.from(value), deserialize: String }
const SERVICE = {
  me: {
    path: '/test.Users/Me',
    requestStream: false,
    responseStream: false,
    requestSerialize: text.serialize,
    requestDeserialize: text.deserialize,
    responseSerialize: text.serialize,
    responseDeserialize: text.deserialize,
  },
} satisfies grpc.ServiceDefinition

/** gRPC sends a token over TLS alone. */
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-'))
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
  const asked = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1'.split(' ')
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', ['req', ...asked, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' }) // prettier-ignore
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

function callCredentialsOf(tokens: TokenManager): grpc.CallCredentials {
  return grpc.credentials.createFromMetadataGenerator((_, done) => {
    tokens.getAccessToken().then(
      (token) => {
        const metadata = new grpc.Metadata()
        metadata.set('authorization', `Bearer ${token}`)
        done(null, metadata)
      },
      (error: unknown) => done(error as Error),
    )
  })
}

describe('@grpc/grpc-js, with call credentials', () => {
  it('sends a fresh token with each call, and costs one refresh', async () => {
    const { key, cert } = certificate()
    const seen: unknown[] = []
    const server = new grpc.Server()
    server.addService(SERVICE, {
      me({ metadata }: grpc.ServerUnaryCall<string, string>, done: grpc.sendUnaryData<string>) {
        seen.push(metadata.get('authorization')[0])
        done(null, 'ann')
      },
    })
    const tls = grpc.ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: cert }])
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', tls, (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    )
    onTestFinished(() => server.forceShutdown())

    const { tokens, refreshes } = await clientWorld({ first: 'expired' })
    const credentials = grpc.credentials.combineChannelCredentials(
      grpc.credentials.createSsl(cert),
      callCredentialsOf(tokens),
    )
    const client = new (grpc.makeGenericClientConstructor(SERVICE, 'Users'))(
      `127.0.0.1:${port}`,
      credentials,
      { 'grpc.ssl_target_name_override': 'localhost' },
    )
    onTestFinished(() => client.close())
    const call = () =>
      new Promise<string>((resolve, reject) =>
        client.me!('who', (error: Error | null, value: string) =>
          error ? reject(error) : resolve(value),
        ),
      )
    expect(await Promise.all([call(), call(), call()])).toEqual(['ann', 'ann', 'ann'])
    expect(seen).toEqual(['Bearer T2', 'Bearer T2', 'Bearer T2'])
    expect(refreshes()).toBe(1)
  })
})
