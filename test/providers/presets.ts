import type { Provider } from 'tokenward/oauth'
import * as providers from 'tokenward/providers'
import type { EmulatedProvider } from 'tokenward/testing'

/** One preset as the emulator of that name is addressed. */
export interface Preset {
  readonly name: EmulatedProvider
  readonly provider: Provider
  readonly variables?: Readonly<Record<string, string>>
}

const MADE: Readonly<Record<EmulatedProvider, Provider>> = {
  atlassian: providers.atlassian(),
  auth0: providers.auth0({ domain: 'acme.eu.auth0.com' }),
  box: providers.box(),
  cognito: providers.cognito({ region: 'eu-central-1', userPoolId: 'eu-central-1_AbCdEfGhI' }),
  discord: providers.discord(),
  dropbox: providers.dropbox(),
  ebay: providers.ebay({ ruName: 'Acme-AcmeApp-PRD-abcdefghi' }),
  entra: providers.entra(),
  feishu: providers.feishu(),
  githubApp: providers.githubApp(),
  githubOAuthApp: providers.githubOAuthApp(),
  gitlab: providers.gitlab(),
  google: providers.google(),
  hubspot: providers.hubspot(),
  keycloak: providers.keycloak({ url: 'https://sso.example.com', realm: 'acme' }),
  linkedin: providers.linkedin(),
  meta: providers.meta(),
  notion: providers.notion(),
  okta: providers.okta({ domain: 'acme.okta.com' }),
  quickbooks: providers.quickbooks(),
  reddit: providers.reddit({ userAgent: 'acme/1.0' }),
  salesforce: providers.salesforce(),
  shopify: providers.shopify(),
  slack: providers.slack(),
  spotify: providers.spotify(),
  strava: providers.strava(),
  tiktok: providers.tiktok(),
  twitch: providers.twitch(),
  x: providers.x(),
  xero: providers.xero(),
  zoho: providers.zoho(),
  zoom: providers.zoom(),
}

const VARIABLES: Partial<Record<EmulatedProvider, Record<string, string>>> = {
  shopify: { shop: 'a-shop.myshopify.com' },
}

/** Every preset that there is. */
export const PRESETS: readonly Preset[] = Object.entries(MADE).map(([key, provider]) => {
  const name = key as EmulatedProvider
  const variables = VARIABLES[name]
  return { name, provider, ...(variables && { variables }) }
})
