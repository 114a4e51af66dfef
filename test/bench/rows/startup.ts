import { buildSync } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missingOfKeyring, startSessionBus } from '../../support/keyring/session-bus.ts'
import { interleave, type Round } from '../measure/interleave.ts'
import { type Figure, type Goal, OURS, type Row, round, show } from '../row.ts'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const ROUNDS = 20
const BY_HAND = 'a JSON file, read by hand'
const ON_FILE = `${OURS} on a file`
const ON_FILE_BUNDLED = `${OURS} on a file, the program bundled`
const ON_KEYRING = `${OURS} with the keyring`
/** What no program can do without that survives a keyring which does not respond. */
const SMALLEST_ON_KEYRING = 'smallest program that asks the keyring in a process of its own'

const TOKEN = 'a'.repeat(900)
/** Of a program that got the token. */
const GOT_IT = `if (token.length !== ${TOKEN.length}) throw new Error('another token')`

/** Two programs: one that logs in, and one that wants the fresh token. */
interface Program {
  readonly login: string
  readonly whoami: string
}

const tokenward = (store: string): Program => {
  const setUp = `
    import { TokenManager } from '../../../dist/index.js'
    import { fileStore, keyringStore } from '../../../dist/cli.js'
    const refresh = () => { throw new Error('it is fresh') }
    const tokens = new TokenManager({ refresh, refreshWindowMs: 0, store: ${store} })`
  return {
    login: `${setUp}
      await tokens.setTokens({ accessToken: '${TOKEN}', refreshToken: 'r', expiresIn: 3600 })`,
    whoami: `${setUp}
      const token = await tokens.getAccessToken()`,
  }
}

/** Each keeps what it keeps in the folder `state` beside the program. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  [BY_HAND]: {
    login: `
      import { writeFileSync } from 'node:fs'
      const expiresAt = Date.now() + 3_600_000
      writeFileSync('state/hand.json', JSON.stringify({ token: '${TOKEN}', expiresAt }))`,
    whoami: `
      import { readFileSync } from 'node:fs'
      const { token, expiresAt } = JSON.parse(readFileSync('state/hand.json', 'utf8'))
      if (expiresAt < Date.now()) throw new Error('expired')`,
  },
  [ON_FILE]: tokenward(`fileStore({ path: 'state/session.json' })`),
  [ON_FILE_BUNDLED]: tokenward(`fileStore({ path: 'state/bundled.json' })`),
  conf: {
    login: `
      import Conf from 'conf'
      new Conf({ cwd: 'state', configName: 'conf' }).set('token', '${TOKEN}')`,
    whoami: `
      import Conf from 'conf'
      const token = new Conf({ cwd: 'state', configName: 'conf' }).get('token')`,
  },
  'google-auth-library, a file by hand': {
    login: `
      import { writeFileSync } from 'node:fs'
      const credentials = { access_token: '${TOKEN}', refresh_token: 'r', expiry_date: Date.now() + 3_600_000 }
      writeFileSync('state/google.json', JSON.stringify(credentials))`,
    whoami: `
      import { readFileSync } from 'node:fs'
      import { OAuth2Client } from 'google-auth-library'
      const client = new OAuth2Client({ clientId: 'bench' })
      client.setCredentials(JSON.parse(readFileSync('state/google.json', 'utf8')))
      const { token } = await client.getAccessToken()`,
  },
  '@azure/msal-node with its file plugin': msal(),
}

/** The key and nothing else: no file, nothing to decrypt, and nobody keeps watch. */
function smallestOnKeyring(): Program {
  const library = createRequire(import.meta.url).resolve('@napi-rs/keyring')
  const entry = `new (require('${library}').Entry)('tokenward-bench', 'smallest', { linux: { store: 'secret-service' } })`
  const asking = (act: string) => `
    import { spawn } from 'node:child_process'
    const code = ${JSON.stringify(`process.stdout.write(${entry}.${act} || '')`)}
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
    let token = ''
    for await (const part of child.stdout) token += part`
  return { login: asking(`setPassword('${TOKEN}')`), whoami: asking('getPassword()') }
}

function msal(): Program {
  const setUp = `
    import { msalOnFile } from './msal-on-file.mjs'
    const issued = { accessToken: '${TOKEN}', refreshToken: 'r', expiresAt: Date.now() + 3_600_000 }
    const { logIn, getToken } = await msalOnFile('state/msal.json', '', issued)`
  return {
    login: `${setUp}
      await logIn()`,
    whoami: `${setUp}
      const { accessToken: token } = await getToken()`,
  }
}

/** As a CLI ships: one file. */
function bundle(from: string, to = from, packages: 'bundle' | 'external' = 'bundle'): void {
  buildSync({
    entryPoints: [from],
    outfile: to,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    packages,
    platform: 'node',
  })
}

/** How long a process lives, from outside: no clock of its own sees it start. */
function run(script: string, folder: string, env: NodeJS.ProcessEnv): number {
  const from = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd: folder, env })
  if (status !== 0) throw new Error(`${script}: ${stderr.toString()}`)
  return performance.now() - from
}

/** @returns what to measure: each has logged in already */
function roundsIn(folder: string, bus: string | undefined): Record<string, Round> {
  const keyring = tokenward(
    `keyringStore({ service: 'tokenward-bench', account: 'me', path: 'state/keyring.json' })`,
  )
  const withKeyring = { [ON_KEYRING]: keyring, [SMALLEST_ON_KEYRING]: smallestOnKeyring() }
  const programs = { ...PROGRAMS, ...(bus && withKeyring) }
  const env = { ...process.env, ...(bus && { DBUS_SESSION_BUS_ADDRESS: bus }) }
  const rounds = Object.entries(programs).map(([name, { login, whoami }], index) => {
    const [first, measured] = [`login-${index}.mjs`, `whoami-${index}.mjs`]
    writeFileSync(join(folder, first), login)
    writeFileSync(join(folder, measured), `${whoami}\n${GOT_IT}`)
    run(first, folder, env)
    if (name === ON_FILE_BUNDLED) bundle(join(folder, measured))
    return [name, () => run(measured, folder, env)] as const
  })
  return Object.fromEntries(rounds)
}

/** A program that says who is logged in: the token is fresh, and lies where the last run left it. */
export async function startup(): Promise<Row> {
  const folder = mkdtempSync(join(HERE, '.startup-'))
  mkdirSync(join(folder, 'state'), { mode: 0o700 })
  const missing = missingOfKeyring()
  const bus = missing === undefined ? await startSessionBus(folder, true) : undefined
  try {
    bundle(join(HERE, 'peers/msal-on-file.ts'), join(folder, 'msal-on-file.mjs'), 'external')
    return rowOf(await interleave(roundsIn(folder, bus?.address), ROUNDS), missing)
  } finally {
    await bus?.stop()
    rmSync(folder, { recursive: true })
  }
}

/** 15 and 60 ms where Node.js itself takes 130: a ratio is the same on a busy machine. */
const GOAL = { [ON_FILE]: 1.12, [ON_FILE_BUNDLED]: 1.12, [ON_KEYRING]: 1.46 }

function rowOf(lives: Awaited<ReturnType<typeof interleave>>, missing: string | undefined): Row {
  const floor = lives[BY_HAND]!.value.median
  const goals = Object.entries(GOAL).flatMap(([name, atMost]): Goal[] => {
    const ours = lives[name]?.ratio.median
    return ours === undefined ? [] : [{ of: `${name} / ${BY_HAND}`, ours, atMost, unit: '×' }]
  })
  const figures = Object.entries(lives).map(([contender, { value, ratio }]): Figure => ({
    of: `a process / ${BY_HAND}`,
    contender,
    shown: `${show(ratio, '×')}, ${round(value.median)} ms, ${round(value.median - floor)} ms more`,
  }))
  return {
    name: 'startup',
    how: `a fresh process each time, ${ROUNDS} of each, that reads a fresh token which an earlier one kept${missing === undefined ? '' : `. ${missing}, so it was left out`}`,
    goals,
    figures,
  }
}
