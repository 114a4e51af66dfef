import type { FastifyReply, FastifyRequest } from 'fastify'
import { LoginRequiredError } from 'tokenward'
import { secretCookie } from './cookies.js'
import { isSame, nameOf, newSecret } from './secrets.js'
import type { State } from './state.js'

const HOUR_MS = 60 * 60 * 1000
/** However busy the user is, they log in again after that. */
export const SESSION_MS = 12 * HOUR_MS

/** One login of one browser. */
export interface Session {
  /** The cookie's hash: what the session is called in Redis, in the pool and its events. */
  readonly id: string
  /** Stands in the session's forms: other sites can make a browser post, but do not know it. */
  readonly csrfToken: string
}

export type Sessions = ReturnType<typeof createSessions>

export function createSessions(state: State, origin: URL) {
  const cookie = secretCookie('session', origin)
  const keyOf = (id: string) => `session:${id}`

  async function find(request: FastifyRequest): Promise<Session | undefined> {
    const secret = cookie.of(request)
    if (secret === undefined) return undefined
    const session = await state.get<Session>(keyOf(nameOf(secret)))
    // A record that someone put in another's place opens nothing.
    return session?.id === nameOf(secret) ? session : undefined
  }

  return {
    find,
    /** Whether the browser says that it has one: it may be over. */
    isClaimed: (request: FastifyRequest) => cookie.of(request) !== undefined,
    /** @throws LoginRequiredError if there is none: the made-up, the expired, the logged-out */
    async of(request: FastifyRequest): Promise<Session> {
      const session = await find(request)
      if (session) return session
      throw new LoginRequiredError('No session', { reason: 'no-session' })
    },
    /** A new cookie at each login: one from before may be known to whoever planted it. */
    async begin(reply: FastifyReply, keep: (id: string) => Promise<void>): Promise<void> {
      const secret = newSecret()
      const session: Session = { id: nameOf(secret), csrfToken: newSecret() }
      await keep(session.id)
      await state.put(keyOf(session.id), session, SESSION_MS)
      cookie.set(reply, secret)
    },
    /** From here on the cookie opens nothing, in no process. */
    async end(session: Session, reply: FastifyReply): Promise<void> {
      await state.remove(keyOf(session.id))
      cookie.clear(reply)
    },
    forget: (reply: FastifyReply) => cookie.clear(reply),
    isGenuine: (session: Session, csrfToken: unknown) =>
      typeof csrfToken === 'string' && isSame(csrfToken, session.csrfToken),
  }
}
