import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server on loopback that can be cut, and led elsewhere. */
export interface CuttableProxy {
  readonly port: number
  /** Breaks the connections that there are, and refuses others. */
  cut(): void
  /** Lets bytes in neither direction, and breaks nothing: a network that has gone silent. */
  silence(): void
  /** As before; or, from the next connection on, to another server. */
  mend(toPort?: number): void
  close(): Promise<void>
}

export async function startCuttableProxy(toPort: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>()
  let target = toPort
  let isCut = false
  let isSilent = false
  const breakAll = () => sockets.forEach((socket) => socket.destroy())
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => void (isSilent || other.write(chunk)))
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true
      breakAll()
    },
    silence: () => void (isSilent = true),
    mend: (elsewhere = target) => {
      // What was lost in the silence never comes: those connections are of no use any more.
      if (isSilent) breakAll()
      target = elsewhere
      isCut = isSilent = false
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      breakAll()
      await closed
    },
  }
}
