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
  }),
  group('Guides', {
    'guide/manager.md': 'The manager',
    'guide/axios.md': 'axios',
    'guide/fetch.md': 'fetch',
    'guide/clients.md': 'Other HTTP clients and SDKs',
    'guide/mcp.md': 'MCP',
    'guide/stores.md': 'Stores',
    'guide/dpop.md': 'DPoP',
    'guide/testing.md': 'Testing your app',
    'guide/observability.md': 'Observability',
    'guide/troubleshooting.md': 'When something is wrong',
    'errors.md': 'Errors by code',
    'guide/commonjs.md': 'CommonJS, Jest, older compilers',
  }),
]

/** By their headings: a new record is in the list by itself. */
const records = Object.fromEntries(
  decisions().map(({ file, heading }) => [`decisions/${file}`, heading]),
)

export const SIDEBAR: DefaultTheme.Sidebar = [...guides, api, group('Decisions', records, true)]
