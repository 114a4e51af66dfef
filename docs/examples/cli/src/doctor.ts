import { isTokenError } from 'tokenward'
import { canOpenBrowser } from 'tokenward/cli'
import type { Request } from './arguments.js'
import { ISSUER } from './configuration.js'
import { SomethingIsWrong } from './failures.js'
import { acmeProfiles, oauth, withSession } from './session.js'
import { print, printJson } from './terminal.js'

interface Finding {
  readonly what: string
  readonly isGood: boolean
  readonly detail: string
}

/** What a user of yours would otherwise ask you. */
export async function doctor({ profile: argument, isJson }: Request): Promise<void> {
  const findings = [
    await finding('profile', async () => {
      const { name, from, path } = await acmeProfiles.current(argument)
      return `${name} (${path ?? from})`
    }),
    await finding('session', () =>
      withSession(argument, async ({ tokens, store }) => {
        const set = await tokens.getTokens()
        return set ? `logged in, kept in: ${await store.kind()}` : 'nobody is logged in'
      }),
    ),
    await finding('storage', () =>
      withSession(argument, async ({ store }) => {
        await store.check()
        return 'a login can be saved'
      }),
    ),
    await finding('server', async () => {
      await oauth.discover()
      return ISSUER
    }),
    await finding('browser', async () =>
      canOpenBrowser() ? 'can be opened' : 'none here: acme login --device, or paste its address',
    ),
  ]
  if (isJson) printJson(findings)
  else {
    for (const { what, isGood, detail } of findings) {
      print(`${isGood ? 'ok ' : 'BAD'} ${what}: ${detail}`)
    }
  }
  if (findings.some(({ isGood }) => !isGood)) throw new SomethingIsWrong()
}

async function finding(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, isGood: true, detail: await look() }
  } catch (error) {
    return { what, isGood: false, detail: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  return isTokenError(error) ? `${message}${why}` : message
}
