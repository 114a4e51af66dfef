import type { Request } from './arguments.js'
import { acmeProfiles, withSession } from './session.js'
import { print, printJson, tell } from './terminal.js'

export async function listProfiles({ profile, isJson }: Request): Promise<void> {
  const names = await acmeProfiles.list()
  const current = await acmeProfiles.current(profile)
  if (isJson) return printJson({ profiles: names, current: current.name })
  for (const name of names) print(`${name === current.name ? '*' : ' '} ${name}`)
}

export async function switchProfile({ operand: name, isHere }: Request): Promise<void> {
  await acmeProfiles.switch(name, isHere ? { folder: process.cwd() } : {})
  tell(`From now on${isHere ? ', in this folder' : ''}: ${name}`)
}

export async function removeProfile({ operand: name }: Request): Promise<void> {
  await withSession(name, ({ tokens }) => tokens.signOut())
  await acmeProfiles.remove(name)
  tell(`Removed: ${name}`)
}
