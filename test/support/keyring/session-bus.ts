import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { delimiter, join } from 'node:path'

/** A desktop's session bus with its keyring, on a home of its own. */
export interface SessionBus {
  readonly address: string
  /** Locks the keyring, as a screen saver does. */
  lock(): void
  /** What other programs find in the keyring. */
  lookup(service: string, account: string): string
  clear(service: string, account: string): void
  /** Puts an entry there, as another program would. */
  store(service: string, account: string, secret: string): void
  stop(): Promise<void>
}

const PROGRAMS = ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool', 'dbus-send']

/** Why there is no keyring to start, if there is not. */
export function missingOfKeyring(): string | undefined {
  const missing = PROGRAMS.filter((name) => !isProgram(name))
  if (missing.length === 0) return undefined
  return `Debian's gnome-keyring, libsecret-tools and dbus are not installed: no ${missing.join(', ')}`
}

/**
 * @param home - what is kept from one bus to the next
 * @param isUnlocked - whether the user has logged in with their password
 */
export async function startSessionBus(home: string, isUnlocked: boolean): Promise<SessionBus> {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, XDG_RUNTIME_DIR: ___, ...inherited } = process.env
  const env = { ...inherited, HOME: home, XDG_DATA_HOME: join(home, 'data') }
  const unlock = 'printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null'
  const script = `${isUnlocked ? unlock : 'true'}; echo "$DBUS_SESSION_BUS_ADDRESS"; exec cat`
  const session = spawn('dbus-run-session', ['--', 'sh', '-c', script], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const address = await firstLine(session)
  const runWith = (input: string, program: string, ...args: string[]) =>
    spawnSync(program, args, {
      env: { ...env, DBUS_SESSION_BUS_ADDRESS: address },
      encoding: 'utf8',
      input,
    }).stdout
  const run = (program: string, ...args: string[]) => runWith('', program, ...args)
  const attributes = (service: string, account: string) => [
    ...['service', service],
    ...['username', account],
  ]

  return {
    address,
    lock: () => {
      const secrets = '/org/freedesktop/secrets'
      const call = ['--session', '--print-reply', '--dest=org.freedesktop.secrets', secrets]
      const collections = `array:objpath:${secrets}/collection/login`
      run('dbus-send', ...call, 'org.freedesktop.Secret.Service.Lock', collections)
    },
    lookup: (service, account) => run('secret-tool', 'lookup', ...attributes(service, account)),
    store: (service, account, secret) => {
      const labelled = ['store', '--label', `${account}@${service}`]
      runWith(secret, 'secret-tool', ...labelled, ...attributes(service, account))
    },
    clear: (service, account) => void run('secret-tool', 'clear', ...attributes(service, account)),
    stop: async () => {
      const ended = once(session, 'exit')
      session.stdin.end()
      await ended
    },
  }
}

/** A bus that accepts whoever comes and never says a word. */
export async function startSilentBus(path: string): Promise<{ address: string; server: Server }> {
  const server = createServer(() => undefined)
  server.listen(path)
  await once(server, 'listening')
  return { address: `unix:path=${path}`, server }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of stdout!.iterator({ destroyOnReturn: false })) {
    text += String(part)
    if (text.includes('\n')) break
  }
  return text.split('\n')[0]!
}

function isProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
