/**
 * The entry points of the package: what each adds to the name `tokenward`, and its file in `src`.
 * The build, the tests and the docs read this list; `test/types/entry-points.test.ts` holds to it
 * what cannot read it (`package.json`, `test/tsconfig.json`).
 *
 * @type {Record<string, string>}
 */
export const ENTRY_POINTS = {
  '': 'index.ts',
  '/axios': 'http/axios.ts',
  '/fetch': 'http/fetch.ts',
  '/mcp': 'mcp.ts',
  '/oauth': 'oauth/index.ts',
  '/providers': 'providers/index.ts',
  '/cli': 'cli.ts',
  '/redis': 'redis.ts',
  '/postgres': 'postgres.ts',
  '/pool': 'pool/index.ts',
  '/otel': 'otel.ts',
  '/testing': 'testing/index.ts',
}
