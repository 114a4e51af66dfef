import { execFileSync } from 'node:child_process'
import { chownSync } from 'node:fs'

export interface Identity {
  readonly uid: number
  readonly gid: number
}

/** Postgres refuses to run as root: then it is the user that Debian's package made for it. */
export function unprivileged(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

export function giveTo(identity: Identity | undefined, path: string): void {
  if (identity) chownSync(path, identity.uid, identity.gid)
}
