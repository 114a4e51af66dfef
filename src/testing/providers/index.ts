import type { Emulation } from '../emulation.js'
import { atlassian } from './atlassian.js'
import { auth0 } from './auth0.js'
import { box } from './box.js'
import { cognito } from './cognito.js'
import { discord } from './discord.js'
import { dropbox } from './dropbox.js'
import { ebay } from './ebay.js'
import { entra } from './entra.js'
import { feishu } from './feishu.js'
import { githubApp } from './github-app.js'
import { githubOAuthApp } from './github-oauth-app.js'
import { gitlab } from './gitlab.js'
import { google } from './google.js'
import { hubspot } from './hubspot.js'
import { keycloak } from './keycloak.js'
import { linkedin } from './linkedin.js'
import { meta } from './meta.js'
import { notion } from './notion.js'
import { okta } from './okta.js'
import { quickbooks } from './quickbooks.js'
import { reddit } from './reddit.js'
import { salesforce } from './salesforce.js'
import { shopify } from './shopify.js'
import { slack } from './slack.js'
import { spotify } from './spotify.js'
import { strava } from './strava.js'
import { tiktok } from './tiktok.js'
import { twitch } from './twitch.js'
import { x } from './x.js'
import { xero } from './xero.js'
import { zoho } from './zoho.js'
import { zoom } from './zoom.js'

export const EMULATIONS = {
  atlassian,
  auth0,
  box,
  cognito,
  discord,
  dropbox,
  ebay,
  entra,
  feishu,
  githubApp,
  githubOAuthApp,
  gitlab,
  google,
  hubspot,
  keycloak,
  linkedin,
  meta,
  notion,
  okta,
  quickbooks,
  reddit,
  salesforce,
  shopify,
  slack,
  spotify,
  strava,
  tiktok,
  twitch,
  x,
  xero,
  zoho,
  zoom,
} satisfies Record<string, Emulation>

/**
 * The providers that the test server can behave as: the names of their presets in
 * `tokenward/providers`.
 *
 * @public
 */
export type EmulatedProvider = keyof typeof EMULATIONS
