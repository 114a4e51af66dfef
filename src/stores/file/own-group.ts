import { readFileSync } from 'node:fs'

/** The system's lists, as they are in /etc. */
export interface GroupLists {
  readonly groups: string
  readonly users: string
}

/**
 * Whether a group that may write in a user's folder is that user's alone. Many systems give each
 * user such a group, by the same name or number; `users` and `staff` are none.
 *
 * @param owner - of the folder, whom this process trusts
 * @internal
 */
export function isOwnGroup(gid: number, owner: number): boolean {
  const user = process.geteuid?.() ?? 0
  if (gid !== owner && gid !== process.getegid?.()) return false
  return isGroupOf([owner, user], gid, { groups: read('/etc/group'), users: read('/etc/passwd') })
}

/** Root's group has no more rights than root has, unless someone was put into it. @internal */
export function isGroupOf(owners: readonly number[], gid: number, lists: GroupLists): boolean {
  const users = entriesOf(lists.users)
  const group = entriesOf(lists.groups).find(([, , id]) => Number(id) === gid)
  const own = users.filter(([, , id]) => [...owners, 0].includes(Number(id))).map(([name]) => name)
  const isNamedAlike = [...owners, 0].includes(gid) || own.includes(group?.[0])
  const members = group?.[3]?.split(',').filter(Boolean) ?? []
  const primary = users.filter(([, , , id]) => Number(id) === gid).map(([name]) => name)
  return isNamedAlike && [...members, ...primary].every((name) => own.includes(name))
}

function entriesOf(list: string): (string | undefined)[][] {
  return list.split('\n').map((line) => line.split(':'))
}

/** A container may have none: then the numbers say it. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
