import type { RenewableTokenSource } from '../token-source.js'
import type { AccessToken } from './access-token.js'
import type { TargetParameters } from './target.js'

/** The access token of a resource, and the one source of all who ask for it. */
export interface Resource {
  readonly access: AccessToken
  readonly source: RenewableTokenSource
}

/**
 * The session's other access tokens, for resources of their own. They belong to the session that
 * they were got under: another begins without them.
 *
 * @internal
 */
export class Resources {
  readonly #known = new Map<string, Resource>()
  #sessionId: string | undefined

  /** The same source for all who ask for the same. */
  get(target: TargetParameters, create: () => Resource): Resource {
    const name = JSON.stringify([target.resource, target.scope, target.audience])
    const resource = this.#known.get(name) ?? create()
    this.#known.set(name, resource)
    return resource
  }

  /** Drops every token that another session got. */
  belongTo(sessionId: string | undefined): void {
    if (sessionId === this.#sessionId) return
    for (const { access } of this.#known.values()) {
      access.hold(undefined, undefined)
      access.coolDown.clear()
    }
    if (this.#sessionId !== undefined) this.#known.clear()
    this.#sessionId = sessionId
  }
}
