import { dirname, join } from 'node:path/posix'
import eslint from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import regexp from 'eslint-plugin-regexp'
import tseslint from 'typescript-eslint'

/**
 * Who may import whom. The first layer with a fitting file or folder is a file's own; what a layer
 * does not name, another layer or a package, it may not import. So `node:` and axios stay out of
 * the core, `tokens` and `session` know nothing of HTTP, `http` nothing of OAuth, and `oauth`
 * nothing of the manager.
 *
 * @type {Record<string, { files: string[], layers?: string[], packages?: string[] }>}
 */
const LAYERS = {
  base: {
    files: [
      'errors.ts',
      'errors/',
      'redact.ts',
      'nested-json.ts',
      'disposable.ts',
      'changeable-error.ts',
      'foreign-text.ts',
      'checks.ts',
      'inspect.ts',
      'version.ts',
      'clock.ts',
      'wait.ts',
      'detached.ts',
      'retry-after-limit.ts',
      'token-endpoint.ts',
      'diagnostics/channels.ts',
    ],
  },
  tokens: { files: ['tokens/'], layers: ['base'], packages: ['jwt-decode'] },
  events: { files: ['events.ts'], layers: ['base'], packages: ['mitt'] },
  // What the channels say: types, and one symbol.
  diagnostics: { files: ['diagnostics/'], layers: ['base', 'events'] },
  source: { files: ['token-source.ts'], layers: ['base', 'tokens'] },
  fileStores: {
    files: ['stores/file/', 'stores/keyring/', 'stores/local/'],
    layers: ['base', 'tokens', 'stores', 'encryption'],
    packages: [
      '@napi-rs/keyring',
      'env-paths',
      'node:crypto',
      'node:child_process',
      'node:fs',
      'node:fs/promises',
      'node:module',
      'node:os',
      'node:path',
      'node:url',
    ],
  },
  redis: {
    files: ['redis.ts', 'stores/redis/'],
    layers: ['base', 'tokens', 'stores', 'encryption', 'serverStores'],
  },
  postgres: {
    files: ['postgres.ts', 'stores/postgres/'],
    layers: ['base', 'tokens', 'stores', 'encryption', 'serverStores'],
    packages: ['node:crypto'],
  },
  // A record and a lease on a server, whichever it is.
  serverStores: {
    files: ['stores/server/'],
    layers: ['base', 'tokens', 'stores', 'encryption'],
  },
  // Encryption at rest, for a file beside a keyring and for servers.
  encryption: {
    files: ['stores/encryption/'],
    layers: ['base', 'tokens', 'stores'],
    packages: ['node:crypto'],
  },
  stores: { files: ['stores/'], layers: ['base', 'tokens'] },
  options: {
    files: ['options.ts', 'option-checks.ts', 'timing.ts', 'session/target.ts'],
    layers: ['base', 'tokens', 'stores'],
  },
  axios: {
    files: ['http/axios.ts', 'http/axios/'],
    layers: ['base', 'tokens', 'source', 'http'],
    packages: ['axios'],
  },
  fetch: {
    files: ['http/fetch.ts', 'http/fetch/'],
    layers: ['base', 'tokens', 'source', 'http'],
  },
  http: { files: ['http/'], layers: ['base', 'tokens', 'source', 'diagnostics'] },
  // The one place where the core meets HTTP: it judges what a user's function threw.
  renewal: {
    files: ['renewal.ts', 'user-response.ts', 'repeated-refusals.ts', 'dpop-binding.ts'],
    layers: ['base', 'tokens', 'source', 'options', 'http'],
  },
  session: {
    files: ['session/'],
    layers: ['base', 'tokens', 'stores', 'options', 'events', 'diagnostics', 'renewal', 'source'],
  },
  manager: {
    files: ['token-manager.ts'],
    layers: ['base', 'tokens', 'stores', 'options', 'events', 'renewal', 'session', 'source'],
  },
  oauth: { files: ['oauth/'], layers: ['base', 'tokens', 'http'], packages: ['oauth4webapi'] },
  // Data, of the shape that `oauth` reads: types alone are imported.
  providers: { files: ['providers/'], layers: ['oauth'] },
  doctor: {
    files: ['bin.ts', 'doctor/'],
    layers: ['base', 'tokens', 'manager', 'oauth', 'providers', 'stores', 'fileStores'],
    packages: ['node:readline/promises', 'node:util'],
  },
  cli: {
    files: ['cli.ts', 'cli/'],
    layers: ['base', 'tokens', 'oauth', 'stores', 'fileStores', 'source'],
    packages: [
      'node:http',
      'node:child_process',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:net',
      'node:path',
      'node:readline/promises',
      'jwt-decode',
    ],
  },
  // A session at an MCP server: the manager, its `fetch` and the logins, put together.
  mcp: {
    files: ['mcp.ts', 'mcp/'],
    layers: ['base', 'tokens', 'stores', 'options', 'http', 'fetch', 'oauth', 'manager'],
    packages: ['oauth4webapi'],
  },
  pool: {
    files: ['pool/'],
    layers: ['base', 'tokens', 'stores', 'options', 'events', 'source', 'manager'],
    packages: ['lru-cache', 'mitt'],
  },
  otel: {
    files: ['otel.ts', 'otel/'],
    layers: ['base', 'diagnostics'],
    packages: ['@opentelemetry/api'],
  },
  testing: { files: ['testing/'], layers: ['base', 'tokens', 'source', 'stores'] },
  core: {
    files: ['index.ts'],
    layers: [
      'base',
      'tokens',
      'stores',
      'options',
      'events',
      'diagnostics',
      'source',
      'session',
      'manager',
    ],
  },
}

/** @type {import('eslint').Rule.RuleModule} */
const dependencyDirection = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      homeless: '{{path}} is in no layer: give it one in eslint.config.js',
      forbidden: '{{layer}} may not import {{name}}: see the layers in eslint.config.js',
    },
  },
  create(context) {
    const path = context.filename.replaceAll('\\', '/').split('/src/').at(-1) ?? ''
    const layer = layerOf(path)
    if (!layer) {
      return { Program: (node) => context.report({ node, messageId: 'homeless', data: { path } }) }
    }
    const { layers = [], packages = [] } = LAYERS[layer] ?? {}

    /** @param {string} name */
    function isAllowed(name) {
      if (!name.startsWith('.')) return packages.includes(name)
      const target = layerOf(join(dirname(path), name).replace(/\.js$/, '.ts'))
      return target !== undefined && [layer, ...layers].includes(target)
    }

    /** @param {any} node */
    function check(node) {
      const name = node.source?.value
      if (typeof name !== 'string' || isAllowed(name)) return
      context.report({ node, messageId: 'forbidden', data: { layer, name } })
    }

    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    }
  },
}

/** @param {string} path below `src` */
function layerOf(path) {
  return Object.keys(LAYERS).find((name) =>
    LAYERS[name]?.files.some(
      (file) => path === file || (file.endsWith('/') && path.startsWith(file)),
    ),
  )
}

/** A function kept at import is not the one that a user's fake timers put in its place. */
const CLOCK_MESSAGE = 'Look up the clock when you call it: users fake it.'
const CLOCKS = '/^(Date|setTimeout|setInterval|clearTimeout|clearInterval|setImmediate)$/'

export default defineConfig(
  globalIgnores([
    '**/dist/',
    'coverage/',
    'site/.vitepress/cache/',
    'test/types/snippet-*.d.ts',
    'docs/examples/recipes/{.built,next,react-router}/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            '*.config.js',
            '*.config.ts',
            'entry-points.js',
            'merge-chunks.js',
            'test/package/runtimes/*.js',
          ],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: true }],
      // An AbortSignal's reason is whatever its owner gave, and is passed on as it is.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      // JavaScript callers hand in what the types forbid, and what they hand in is checked.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
      // An async function that awaits nothing turns a throw into a rejection.
      '@typescript-eslint/require-await': 'off',
      // Matters of taste that the code has settled otherwise, in places with a reason.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { tokenward: { rules: { 'dependency-direction': dependencyDirection } } },
    rules: {
      'tokenward/dependency-direction': 'error',
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        {
          selector:
            'MemberExpression[object.name=/^(Date|performance)$/][property.name="now"]:not(CallExpression > .callee)',
          message: CLOCK_MESSAGE,
        },
        { selector: `VariableDeclarator[init.name=${CLOCKS}]`, message: CLOCK_MESSAGE },
        {
          selector:
            ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > CallExpression.init[callee.property.name="now"]',
          message: CLOCK_MESSAGE,
        },
      ],
    },
  },
  {
    // Foreign text is read in a time that grows with its length and no faster.
    files: ['src/**/*.ts', 'docs/examples/**/*.{ts,js}'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': 'error',
      'regexp/no-super-linear-move': 'error',
    },
  },
  {
    // Tests hand in what the types forbid, on purpose, and look at what `any` of a peer holds.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // The compiler checks the examples' types (test/tsconfig.json).
    files: [
      '*.config.{js,ts}',
      'entry-points.js',
      'merge-chunks.js',
      'docs/examples/**/*.js',
      'test/package/runtimes/*.js',
    ],
    extends: [tseslint.configs.disableTypeChecked],
  },
  // Plain JavaScript, run as it is; the compiler knows the globals.
  { files: ['docs/examples/**/*.js', 'test/package/runtimes/*.js'], rules: { 'no-undef': 'off' } },
)
