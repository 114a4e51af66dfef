/**
 * By a name that bundlers do not follow, and without Node's types, which the sources compile
 * without.
 *
 * @internal
 */
export function nodeHttp(): Promise<NodeHttp> {
  const name = 'node:http'
  return import(/* @vite-ignore */ name) as Promise<NodeHttp>
}

interface NodeHttp {
  createServer(listener: (incoming: Incoming, outgoing: Outgoing) => void): HttpServer
}

interface HttpServer {
  on(event: 'error', listener: (error: Error) => void): void
  listen(port: number, host: string, listener: () => void): void
  address(): { port: number }
  close(listener: () => void): void
  closeAllConnections(): void
}

/** @internal */
export interface Incoming {
  readonly method?: string
  readonly url?: string
  readonly headers: { readonly host?: string }
}

/** @internal */
export interface Outgoing {
  once(event: 'close', listener: () => void): void
  writeHead(status: number, headers: Readonly<Record<string, string>>): void
  end(body: string): void
}
