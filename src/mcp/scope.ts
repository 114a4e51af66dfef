/** All scopes of all, once each: what was granted before must not be lost by asking for more. */
export function unionOfScopes(...scopes: readonly (string | undefined)[]): string {
  return [...new Set(scopes.flatMap(wordsOf))].join(' ')
}

/** Whether every scope wanted is among these. */
export function hasScopes(scopes: string, wanted: string): boolean {
  const known = new Set(wordsOf(scopes))
  return wordsOf(wanted).every((scope) => known.has(scope))
}

function wordsOf(scope: string | undefined): string[] {
  return scope?.split(' ').filter(Boolean) ?? []
}
