import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'
import type { Plugin } from 'vite'
import { githubSlug, linksBetweenPages } from '../links.js'
import { NO_PAGES, pageOf } from '../pages.js'
import { SIDEBAR, NAVIGATION } from '../contents.js'

/** Pages lie outside of this package, and are compiled into programs that import Vue. */
const vueFromHere: Plugin = {
  name: 'vue-from-here',
  enforce: 'pre',
  resolveId: (id, _importer, { ssr }) =>
    ssr && /^vue(\/|$)/.test(id) ? { id, external: true } : undefined,
}

/** In the page itself, so that it is found wherever the site is served from. */
const icon = readFileSync(new URL('../icon.svg', import.meta.url), 'utf8')
const iconUrl = `data:image/svg+xml,${encodeURIComponent(icon.trim())}`

export default defineConfig({
  title: 'tokenward',
  description: "Keeps a client's OAuth tokens fresh",
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: iconUrl }]],
  srcDir: '..',
  srcExclude: NO_PAGES,
  rewrites: pageOf,
  cleanUrls: true,
  vite: { plugins: [vueFromHere], build: { chunkSizeWarningLimit: 5_000 } }, // the search index
  markdown: { config: linksBetweenPages, anchor: { slugify: githubSlug } },
  themeConfig: {
    nav: NAVIGATION,
    sidebar: SIDEBAR,
    outline: [2, 3],
    search: { provider: 'local' },
  },
})
