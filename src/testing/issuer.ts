/** The issuer as its endpoints extend it: some issuers end with a slash, no endpoint doubles it. */
export function baseOf(issuer: string): string {
  return issuer.replace(/\/$/, '')
}

/** Of an issuer, what stands after the host; '' where nothing does. */
export function pathOf(issuer: string): string {
  return issuer.replace(/^https?:\/\/[^/]+/i, '')
}
