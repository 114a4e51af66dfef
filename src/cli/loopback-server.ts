import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RequestListener } from 'node:http'
import { LoginError } from '../errors.js'
import { addressesOf, uriAtPort, type LoopbackUri } from './loopback-uri.js'

/** The address to listen on, if it is not that of the redirect URI, as in a container. @public */
export interface ListenAddress {
  /** Such as `0.0.0.0`. @default the redirect URI's own */
  host?: string
  /** @default the redirect URI's own */
  port?: number
}

/** @internal */
export interface LoopbackServer {
  /** The one of the redirect URIs that was taken, with its port. */
  readonly redirectUri: string
  /** Stops listening and breaks every connection, a preconnected one too. */
  close(): Promise<void>
}

/** How often another free port is tried where the other address family has the first one in use. */
const MOST_FREE_PORTS = 10

/**
 * Listens for the first of the redirect URIs whose port can be had, at every address of its host.
 *
 * @throws LoginError `port`
 * @internal
 */
export async function openLoopbackServer(
  uris: readonly LoopbackUri[],
  bind: ListenAddress,
  serve: RequestListener,
): Promise<LoopbackServer> {
  const failures: PortFailure[] = []
  for (const uri of uris) {
    const addresses = bind.host === undefined ? addressesOf(uri) : ([bind.host] as const)
    const port = bind.port ?? uri.port ?? 0
    try {
      const servers = await listenAtAll(addresses, port, serve)
      const redirectUri = uriAtPort(uri, uri.port ?? portOf(servers[0]))
      return { redirectUri, close: () => closeAll(servers) }
    } catch (error) {
      failures.push({ host: bind.host ?? uri.host, port, error })
    }
  }
  throw portError(failures)
}

type Servers = readonly [Server, ...Server[]]

/** @throws what `listen` says, if not all that this machine has can be listened at */
async function listenAtAll(
  [address, ...others]: readonly [string, ...string[]],
  port: number,
  serve: RequestListener,
): Promise<Servers> {
  for (let attempt = 1; ; attempt += 1) {
    const servers: [Server, ...Server[]] = [await listen(address, port, serve)]
    try {
      for (const other of others) {
        const server = await listenIfThere(other, portOf(servers[0]), serve)
        if (server) servers.push(server)
      }
      return servers
    } catch (error) {
      // Whoever listens at the other address would get the user's code.
      await closeAll(servers)
      if (port !== 0 || attempt === MOST_FREE_PORTS) throw error
    }
  }
}

/** @returns `undefined` where the machine has no such address: a container without IPv6 */
async function listenIfThere(
  address: string,
  port: number,
  serve: RequestListener,
): Promise<Server | undefined> {
  try {
    return await listen(address, port, serve)
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error))) return undefined
    throw error
  }
}

async function listen(address: string, port: number, serve: RequestListener): Promise<Server> {
  const { createServer } = await import('node:http')
  const server = createServer(serve)
  await new Promise<void>((resolve, reject) => {
    // Stays: a connection that cannot be accepted must not end the process.
    server.on('error', reject)
    server.listen(port, address, resolve)
  })
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    ),
  )
}

interface PortFailure {
  readonly host: string
  readonly port: number
  readonly error: unknown
}

function portError(failures: readonly PortFailure[]): LoginError {
  const reasons = failures.map(reasonOf).join('; ')
  const areInUse = failures.every(({ error }) => codeOf(error) === 'EADDRINUSE')
  const remedy = areInUse ? ': close the other login, or the program that listens there' : ''
  return new LoginError(`${reasons}${remedy}`, { reason: 'port', cause: failures.at(-1)?.error })
}

function reasonOf({ host, port, error }: PortFailure): string {
  if (port === 0) return `Could not listen on any port of ${host} (${codeOf(error)})`
  return codeOf(error) === 'EADDRINUSE'
    ? `Port ${port} of ${host} is in use`
    : `Could not listen on port ${port} of ${host} (${codeOf(error)})`
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code)
}
