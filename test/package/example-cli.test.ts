import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../support/oidc/authorization-server.js'
import { startProtectedApi, type ProtectedApi } from '../support/oidc/protected-api.js'
import { RESOURCE, SCOPE } from '../support/oidc/provider.js'
import { UserAgent } from '../support/oidc/user-agent.js'
import { installExample } from './support/install-example.js'
import { noTerminal, Terminal } from './support/terminal.js'

describe.skipIf(noTerminal)(
  `the example CLI in a terminal${noTerminal ? `: ${noTerminal}` : ''}`,
  () => {
    let home: string
    let server: AuthorizationServer
    let api: ProtectedApi
    let terminal: Terminal

    beforeAll(async () => {
      home = await installExample(inject('tarball'))
    }, 120_000)
    afterAll(() => rm(home, { recursive: true, maxRetries: 5 }))
    beforeEach(async () => {
      server = await startAuthorizationServer({ accessTokenTtl: 300 })
      api = await startProtectedApi(server.issuer)
      terminal = await Terminal.open(home, {
        HOME: home,
        XDG_STATE_HOME: join(home, 'state'),
        BROWSER: 'true', // opens nothing: the user goes by the address that is shown
        ACME_ISSUER: server.issuer,
        ACME_API: api.origin,
        ACME_CLIENT_ID: server.clients.none.clientId,
        ACME_RESOURCE: RESOURCE,
        ACME_SCOPE: `openid offline_access ${SCOPE}`,
      })
      await terminal.enter(`acme() { ${process.execPath} cli/dist/acme.js "$@"; }; clear`)
      await terminal.until(/^\$ ?\n\n/)
    })
    afterEach(async () => {
      await terminal.close()
      await Promise.all([server.stop(), api.stop()])
      await rm(join(home, 'state'), { recursive: true, force: true })
    })

    /** Runs it, and waits until the shell knows how it ended. */
    async function acme(line: string): Promise<{ status: number; screen: string }> {
      await terminal.clear()
      await terminal.enter(`acme ${line}; echo "status $?"`)
      const [screen, status] = await terminal.until(/[^]*^status (\d+)$/m)
      return { status: Number(status), screen }
    }

    async function logIn(options = ''): Promise<void> {
      await terminal.clear()
      await terminal.enter(`acme login --device ${options}; echo "status $?"`)
      const [, uri, code] = await terminal.until(/Go to (\S+) and enter (\S+)/)
      await new UserAgent({ login: 'alice', password: 'any', user_code: code! }).browseToEnd(
        new URL(uri!),
      )
      await terminal.until(/^status 0$/m)
    }

    /** A session whose access token has expired. */
    async function logInExpired(): Promise<void> {
      server.accessTokenTtl = 1
      await logIn()
      const { screen } = await acme('status')
      const expiresAt = Date.parse(/access token until: (\S+)/.exec(screen)?.[1] ?? '')
      await expect.poll(() => Date.now() > expiresAt, { timeout: 5_000 }).toBe(true)
      server.accessTokenTtl = 300
    }

    /** Holds the next token request. */
    function holdTokenRequest() {
      let release!: () => void
      const released = new Promise<void>((resolve) => (release = resolve))
      const arrived = new Promise<void>((resolve) => {
        server.beforeRequest = (path) => {
          if (path !== '/token') return
          resolve()
          return released
        }
      })
      return { arrived, release }
    }

    async function storedRefreshToken(): Promise<string> {
      const file = await readFile(join(home, 'state/acme/sessions/default.json'), 'utf8')
      return /"refreshToken":"([^"]+)"/.exec(file)?.[1] ?? 'none'
    }

    it('logs in on another device, answers, and logs out at the server too', async () => {
      expect(await acme('whoami')).toMatchObject({ status: 3 })
      await logIn()
      expect(await terminal.screen()).toMatch(
        /^Kept in a file[^]*^Logged in as \S+\. Profile: default$/m,
      )
      expect(await acme('whoami')).toMatchObject({ status: 0, screen: seen(/^alice$/m) })
      expect(await acme('get /me')).toMatchObject({ status: 0, screen: seen(/"name": "alice"/) })
      expect(await acme('status')).toMatchObject({ status: 0, screen: seen(/^kept in: file$/m) })

      const refreshToken = await storedRefreshToken()
      expect(await server.knows(refreshToken)).toBe(true)
      expect(await acme('logout')).toMatchObject({ status: 0 })
      expect(await server.knows(refreshToken)).toBe(false)
      expect(await acme('status')).toMatchObject({ status: 3, screen: seen(/^logged in: no$/m) })
    })

    it('logs in in the browser, for a profile of its own', async () => {
      await terminal.enter('acme login --profile work; echo "status $?"')
      const [, url] = await terminal.until(/go to (http\S+)/)
      const start = new URL(url!)
      const redirectUri = start.searchParams.get('redirect_uri')!
      const callback = await server.userAgent('alice').browseBackTo(redirectUri, start)
      expect(await (await fetch(callback)).text()).toContain('You are logged in')
      await terminal.until(/^status 0$/m)
      expect(await acme('whoami -p work')).toMatchObject({ status: 0, screen: seen(/^alice$/m) })
      expect(await acme('whoami')).toMatchObject({ status: 3 })
    })

    it('logs in by pasting the address at which a browser on another machine ended', async () => {
      await terminal.enter('acme login --browser; echo "status $?"')
      const [, url] = await terminal.until(/go to (http\S+)[^]*Or paste the address/)
      const start = new URL(url!)
      const redirectUri = start.searchParams.get('redirect_uri')!
      const callback = await server.userAgent('alice').browseBackTo(redirectUri, start)
      await terminal.enter('yes')
      await terminal.until(/That is not the response to this login/)
      await terminal.enter(callback.href)
      await terminal.until(/^status 0$/m)
      expect(await acme('whoami')).toMatchObject({ status: 0, screen: seen(/^alice$/m) })
    })

    it('Ctrl-C at the question: it ends, by the signal', async () => {
      await terminal.enter('acme login --browser')
      await terminal.until(/Or paste the address/)
      await terminal.press('C-c')
      await terminal.until(/^\$ ?$/m)
      await terminal.enter('echo "status $?"')
      expect(await terminal.until(/^status (\d+)$/m)).toMatchObject({ 1: '130' })
    })

    it('keeps profiles apart: lists, switches, for a folder too, and removes', async () => {
      await logIn()
      await logIn('-p work')
      expect(await acme('profiles')).toMatchObject({ screen: seen(/^\* default$[^]*^ {2}work$/m) })
      expect(await acme('switch work')).toMatchObject({ status: 0 })
      expect(await acme('status')).toMatchObject({ status: 0, screen: seen(/^profile: work/m) })
      await terminal.enter('mkdir there; cd there; acme() { node ../cli/dist/acme.js "$@"; }')
      expect(await acme('switch default --here')).toMatchObject({ status: 0 })
      expect(await acme('status')).toMatchObject({ screen: seen(/^profile: default \(\S+there/m) })
      expect(await acme('remove work')).toMatchObject({ status: 0 })
      expect(await acme('profiles --json')).toMatchObject({ screen: seen(/"default"\s+\],/) })
      expect(await acme('whoami -p work')).toMatchObject({ status: 3 })
      expect(await acme('whoami')).toMatchObject({ status: 0 })
    })

    it('says what is wrong', async () => {
      expect(await acme('doctor')).toMatchObject({
        status: 0,
        screen: seen(/^ok {2}server: http/m),
      })
      await server.stop()
      expect(await acme('doctor')).toMatchObject({ status: 1, screen: seen(/^BAD server: /m) })
      await server.start()
    })

    it('gives its token to other programs', async () => {
      await logIn()
      const token = '[\\w-]+\\.[\\w-]+\\.[\\w-]+|[\\w-]{20,}'
      expect(await acme('token')).toMatchObject({ screen: seen(new RegExp(token)) })
      const { screen } = await acme('kubernetes-credential')
      expect(screen).toMatch(/"kind": "ExecCredential"[^]*"expirationTimestamp": "[\d-]+T[\d:]+Z"/)
    })

    it('eight at once with an expired token: one token request, and all succeed', async () => {
      await logInExpired()
      await terminal.clear()
      // Eight spinners on one terminal would overwrite each other's lines, and the answers.
      const each = '(acme whoami 2>/dev/null; echo "status $?") &'
      await terminal.enter(`for i in 1 2 3 4 5 6 7 8; do ${each} done; wait; echo "over"`)
      const [screen] = await terminal.until(/[^]*^over$/m)
      expect(screen.match(/^alice$/gm)).toHaveLength(8)
      expect(screen.match(/^status 0$/gm)).toHaveLength(8)
      expect(server.ledger.of('refresh_token')).toHaveLength(1)
      expect(server.ledger.reuse).toBe(0)
    })

    /** A run in the middle of a refresh, and its first Ctrl-C. */
    async function interruptRefresh() {
      await logInExpired()
      const { arrived, release } = holdTokenRequest()
      await terminal.clear()
      await terminal.enter('acme whoami')
      await arrived
      await terminal.press('C-c')
      await terminal.until(/^Saving your session/m)
      return release
    }

    /** Of what was interrupted: a shell leaves out the rest of such a line. */
    async function statusAfterwards(): Promise<number> {
      await terminal.until(/Ctrl-C again[^]*^\$ ?$/m)
      await terminal.enter('echo "status $?"')
      return Number((await terminal.until(/^status (\d+)$/m))[1])
    }

    it('Ctrl-C during a refresh: it is saved, and the shell sees 130', async () => {
      const release = await interruptRefresh()
      release()
      expect(await statusAfterwards()).toBe(130)
      expect(await acme('whoami')).toMatchObject({ status: 0, screen: seen(/^alice$/m) })
      expect(server.ledger.of('refresh_token')).toHaveLength(1)
    })

    it('Ctrl-C twice: it ends at once', async () => {
      const release = await interruptRefresh()
      await terminal.press('C-c')
      expect(await statusAfterwards()).toBe(130)
      release()
    })

    it('a token from the environment outranks the session', async () => {
      const { tokens } = await server.logIn('bob')
      await logIn()
      await terminal.enter(`export ACME_TOKEN=${tokens.access_token}`)
      expect(await acme('whoami')).toMatchObject({ status: 0, screen: seen(/^bob$/m) })
      api.deny(tokens.access_token)
      expect(await acme('whoami')).toMatchObject({ status: 3, screen: seen(/answered 401/) })
    })

    it('says by its exit code what is wrong', async () => {
      expect(await acme('--help')).toMatchObject({ status: 0, screen: seen(/^Usage: acme/m) })
      expect(await acme('')).toMatchObject({ status: 2, screen: seen(/a command is expected/) })
      expect(await acme('whoami --nonsense')).toMatchObject({ status: 2 })
      expect(await acme('status -p ../../etc/passwd')).toMatchObject({ status: 2 })
      await logInExpired()
      await server.stop()
      expect(await acme('whoami')).toMatchObject({ status: 4 })
      await server.start()
    })

    it('has a spinner for people alone, and data for whoever reads on', async () => {
      await logIn()
      await terminal.clear()
      await terminal.enter('acme whoami >out 2>err; od -c out err; echo "over"')
      const [screen] = await terminal.until(/[^]*^over$/m)
      expect(screen).toMatch(/a\s+l\s+i\s+c\s+e\s+\\n\s*\n0000006/)
    })
  },
)

const seen = (pattern: RegExp): unknown => expect.stringMatching(pattern)
