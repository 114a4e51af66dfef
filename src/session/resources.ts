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
export type Resources = Map<string, Resource>

/** The same source for all who ask for the same. @internal */
export function resourceFor(
  resources: Resources,
  target: TargetParameters,
  create: () => Resource,
): Resource {
  const name = JSON.stringify([target.resource, target.scope, target.audience])
  const resource = resources.get(name) ?? create()
  resources.set(name, resource)
  return resource
}

/** Another session is in force: its sources begin without a token. @internal */
export function takeTokens(resources: Resources): void {
  for (const { access } of resources.values()) {
    access.hold(undefined, undefined)
    access.clearCoolDown()
  }
}
