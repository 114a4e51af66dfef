import type { AuthorizationServer } from 'tokenward/testing'

/** What happened to one refresh token at the server. */
interface Use {
  /** The process that presented it. */
  readonly pid: number
  /** What the session's file held at that moment. */
  readonly stored: string | undefined
}

/** Sees every refresh token that is presented, and what was in the file then. */
export class TokenWatch {
  /** Uses of each refresh token, in order. */
  readonly uses = new Map<string, Use[]>()

  constructor(server: AuthorizationServer, readStored: () => Promise<string | undefined>) {
    server.always({
      respond: async (request, answer) => {
        const form = new URLSearchParams(await request.clone().text())
        const token = form.get('refresh_token') ?? ''
        const use = { pid: Number(request.headers.get('x-process')), stored: await readStored() }
        this.uses.set(token, [...(this.uses.get(token) ?? []), use])
        return answer()
      },
    })
  }
}
