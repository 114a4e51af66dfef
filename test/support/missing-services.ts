import { existsSync, readdirSync } from 'node:fs'
import { findProgram } from './find-program.js'

const POSTGRES = '/usr/lib/postgresql'
const postgresFolders = existsSync(POSTGRES)
  ? readdirSync(POSTGRES).map((version) => `${POSTGRES}/${version}/bin`)
  : []

/** What tests start themselves, by the Debian package that brings it. */
const SERVICES: readonly [name: string, program: string, folders?: readonly string[]][] = [
  ['redis-server', 'redis-server'],
  ['postgresql', 'postgres', postgresFolders],
  ['pgbouncer', 'pgbouncer', ['/usr/sbin']],
  ['mariadb-server-core', 'mariadbd', ['/usr/sbin']],
  ['gnome-keyring', 'gnome-keyring-daemon'],
  ['dbus', 'dbus-run-session'],
  ['glewlwyd', 'glewlwyd'],
  ['chromium', 'chromium'],
  ['tmux', 'tmux'],
]

/** @returns the Debian packages without which tests are skipped here */
export function missingServices(): string[] {
  return SERVICES.filter(([, program, folders]) => !findProgram(program, folders)).map(
    ([name]) => name,
  )
}
