import type { DefaultTheme } from 'vitepress'
import { ENTRY_POINTS } from '../entry-points.js'
import { decisions } from './decisions.js'
import { addressOf } from './pages.js'

/** One group of the sidebar: a link, by the page's file below `docs`, for each page. */
function group(
  text: string,
  pages: Record<string, string>,
  collapsed?: boolean,
): DefaultTheme.SidebarItem {
  const items = Object.entries(pages).map(([file, title]) => ({
    text: title,
    link: addressOf(file, 'docs/x') ?? file,
  }))
  return { text, items, ...(collapsed !== undefined && { collapsed }) }
}

const api: DefaultTheme.SidebarItem = {
  text: 'API reference',
  link: '/api/',
  items: Object.keys(ENTRY_POINTS).map((name) => ({
    text: `tokenward${name}`,
    link: `/api/tokenward${name}`,
  })),
}

export const NAVIGATION: DefaultTheme.NavItem[] = [
  { text: 'Start', link: '/start' },
  { text: 'Guides', link: '/guide/manager' },
  { text: 'Providers', link: '/providers' },
  { text: 'Errors', link: '/errors' },
  { text: 'API', link: '/api/' },
]

const guides = [
  group('Start', {
    '../README.md': 'What it is, and a first session',
    'how-it-works.md': 'How it works',
    'guide/manager.md': 'The manager',
    'guide/stores.md': 'Stores',
  }),
  group('Requests', {
    'guide/axios.md': 'axios',
    'guide/fetch.md': 'fetch',
    'guide/clients.md': 'Other HTTP clients and SDKs',
    'guide/mcp.md': 'MCP',
    'guide/dpop.md': 'DPoP',
  }),
  group('Web apps', {
    'guide/web-apps.md': 'Many sessions, many processes',
    'guide/serverless.md': 'Serverless',
    'recipes/sessions.md': 'Sessions of a web app',
    'recipes/express.md': 'Express',
    'recipes/fastify.md': 'Fastify',
    'recipes/hono.md': 'Hono',
    'recipes/nestjs.md': 'NestJS',
    'recipes/next.md': 'Next.js',
    'recipes/react-router.md': 'React Router',
    'recipes/auth-js.md': 'A login by Auth.js',
    'recipes/better-auth.md': 'A login by better-auth',
    'recipes/sqlite.md': 'Sessions in SQLite',
    'recipes/mysql.md': 'Sessions in MySQL or MariaDB',
    'recipes/openid-client.md': 'A login by openid-client',
    'recipes/back-channel-logout.md': 'Back-channel logout',
    'examples/web-app/README.md': 'A whole example',
  }),
  group('CLIs', {
    'guide/cli.md': 'Many short runs',
    'guide/cli-login.md': 'Logging in from a terminal',
    'guide/cli-accounts.md': 'Several accounts, older sessions',
    'guide/cli-outputs.md': 'Tokens for other programs',
    'guide/shipping-your-cli.md': 'Shipping one file',
    'examples/cli/README.md': 'A whole example',
  }),
  group('OAuth', {
    'guide/oauth.md': 'Clients, revocation, logout',
    'guide/grants/refresh-token.md': 'Refresh token',
    'guide/grants/client-credentials.md': 'Client credentials',
    'guide/grants/authorization-code.md': 'Authorization code',
    'guide/grants/device.md': 'Device',
    'guide/grants/jwt-bearer.md': 'JWT bearer',
    'guide/grants/token-exchange.md': 'Token exchange',
  }),
  group('Providers', {
    'providers.md': 'The presets',
    'providers/your-provider.md': 'Your provider is not there',
    'providers/servers-differ.md': 'How servers differ',
    'providers/doctor.md': 'npx tokenward doctor',
  }),
  group('Help', {
    'guide/troubleshooting.md': 'When something is wrong',
    'errors.md': 'Errors by code',
    'guide/observability.md': 'Observability',
    'guide/testing.md': 'Testing your app',
    'guide/commonjs.md': 'CommonJS, Jest, older compilers',
  }),
  group('Migration', {
    'guide/migrating.md': 'Coming from something else',
    'guide/from-axios-auth-refresh.md': 'From axios-auth-refresh',
  }),
  group('Background', {
    'architecture.md': 'Architecture',
    'threat-model.md': 'Threat model',
    'benchmarks.md': 'Benchmarks',
    '../CHANGELOG.md': 'Changes',
    '../CONTRIBUTING.md': 'Contributing',
    '../SECURITY.md': 'Security',
  }),
]

/** By their headings: a new record is in the list by itself. */
const records = Object.fromEntries(
  decisions().map(({ file, heading }) => [`decisions/${file}`, heading]),
)

export const SIDEBAR: DefaultTheme.Sidebar = [...guides, api, group('Decisions', records, true)]
