import { describeWith, findProgram } from '../executable.js'

/** Where Debian's package `redis-server` puts it, if it is installed. */
export function findRedisServer(): string | undefined {
  return findProgram('redis-server')
}

/** Tests against a real Redis: without one they are skipped, or fail where all must be there. */
export function describeWithRedis(name: string, define: () => void): void {
  const program = findRedisServer()
  describeWith({ program, needs: "Debian's redis-server" }, name, define)
}
