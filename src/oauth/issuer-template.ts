import { parseUrl } from './secure-url.js'

/** The tenants of Entra that stand for many: whose user it is, is known by the token. */
const MANY_TENANTS = ['common', 'organizations']
const PLACEHOLDER = '{tenantid}'
const TENANT_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * Whether the issuer that metadata name is Entra's template for the one that was asked for: the
 * same URL, with a placeholder in the place of `common` or `organizations`.
 *
 * @internal
 */
export function isTemplateOf(found: unknown, issuer: URL): boolean {
  if (typeof found !== 'string' || !found.includes(PLACEHOLDER)) return false
  return MANY_TENANTS.some(
    (tenant) => parseUrl(found.replace(PLACEHOLDER, tenant))?.href === issuer.href,
  )
}

/**
 * The issuer that an ID token must name: where the metadata have a template, that of the token's
 * own tenant (`tid`), which stands in both.
 *
 * @internal
 */
export function issuerFor(issuer: string, tenantId: unknown): string {
  if (!issuer.includes(PLACEHOLDER)) return issuer
  const isTenant = typeof tenantId === 'string' && TENANT_ID.test(tenantId)
  return isTenant ? issuer.replace(PLACEHOLDER, tenantId) : issuer
}
