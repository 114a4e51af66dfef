import type { StoredSession } from 'tokenward'
import type { AuthorizationServer } from 'tokenward/testing'

/** One token request, as it arrived. */
export interface Use {
  readonly refreshToken: string
  /** The process that made it. */
  readonly pid: number
  /** What was stored at that moment. */
  readonly stored: StoredSession | undefined
}

/**
 * Looks at every token request, and at what is stored when it arrives: whoever spends holds the
 * lease, so that nobody writes meanwhile.
 */
export class TokenWatch {
  readonly uses: Use[] = []
  /** How many the server refused. */
  refusals = 0
  #onNews: (() => void)[] = []

  constructor(server: AuthorizationServer, load: () => Promise<StoredSession | undefined>) {
    server.always({
      respond: async (request, answer) => {
        const form = new URLSearchParams(await request.text())
        this.uses.push({
          refreshToken: form.get('refresh_token') ?? '',
          pid: Number(request.headers.get('x-process')),
          stored: await load(),
        })
        this.#tell()
        const response = await answer()
        if (!response.ok) {
          this.refusals += 1
          this.#tell()
        }
        return response
      },
    })
  }

  /** When the next token request has come, or the last one was refused. */
  news(): Promise<void> {
    return new Promise((resolve) => this.#onNews.push(resolve))
  }

  /** Those who presented each refresh token, in order, where there were several. */
  get reused(): number[][] {
    const pids = new Map<string, number[]>()
    for (const { refreshToken, pid } of this.uses) {
      pids.set(refreshToken, [...(pids.get(refreshToken) ?? []), pid])
    }
    return [...pids.values()].filter(({ length }) => length > 1)
  }

  #tell(): void {
    for (const tell of this.#onNews.splice(0)) tell()
  }
}
