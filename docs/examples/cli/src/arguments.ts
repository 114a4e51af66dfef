import { parseArgs } from 'node:util'

export const VERSION = '1.0.0'

export const HELP = `Usage: acme <command> [options]

Commands
  login            sign in, wherever you are
  login --browser  sign in with a browser, here or by pasting its address
  login --device   sign in by typing a code on another device
  whoami           who is logged in
  get PATH         what the API answers at PATH
  status           what is known here of the session; asks nobody
  logout           sign out, here and at the server
  doctor           what may be wrong, and what to do about it

  profiles         your profiles; the current one has a star
  switch NAME      use this profile from now on (--here: in this folder)
  remove NAME      sign out and forget this profile

  token                   an access token, for other programs
  kubernetes-credential   the same for kubectl (ExecCredential)
  aws-credentials         the same for AWS (credential_process)
  git-credential get      the same for git (credential.helper)

Options
  -p, --profile NAME   which of your sessions
      --json           print JSON
  -h, --help           this text
      --version        the version

Environment
  ACME_TOKEN     an access token, to be used in place of the session
  ACME_PROFILE   the profile
  BROWSER        the command that opens a browser; none: there is none
  NO_COLOR       if set: no colours

Exit codes
  0    done
  1    it failed
  2    the command line is wrong
  3    nobody is logged in, or the API does not take the token
  4    it may work later: the network, or the server
  130  Ctrl-C`

export class UsageError extends Error {}

/** How many words follow each command. */
const OPERANDS = {
  login: 0,
  logout: 0,
  status: 0,
  whoami: 0,
  get: 1,
  doctor: 0,
  profiles: 0,
  switch: 1,
  remove: 1,
  token: 0,
  'kubernetes-credential': 0,
  'aws-credentials': 0,
  'git-credential': 1,
} as const

export type Command = keyof typeof OPERANDS

/** What is asked for. */
export interface Request {
  readonly profile: string | undefined
  readonly method: 'browser' | 'device' | undefined
  readonly isJson: boolean
  readonly isHere: boolean
  /** The word after the command, if it has one. */
  readonly operand: string
}

export function parseArguments(
  argv: string[],
): Request & { command: Command | 'help' | 'version' } {
  const { values, positionals } = parse(argv)
  const [name, operand = ''] = positionals
  const { browser = false, device = false, here: isHere = false, json: isJson = false } = values
  const method = device ? 'device' : browser ? 'browser' : undefined
  const request: Request = { profile: values.profile, method, isJson, isHere, operand }
  if (values.help) return { command: 'help', ...request }
  if (values.version) return { command: 'version', ...request }

  if (name === undefined) throw new UsageError('a command is expected')
  if (!isCommand(name)) throw new UsageError(`no command: ${name}`)
  if (positionals.length - 1 !== OPERANDS[name]) {
    const count = OPERANDS[name] === 0 ? 'nothing' : 'one word'
    throw new UsageError(`${name} expects ${count} after it`)
  }
  if (method && name !== 'login') throw new UsageError('--browser and --device go with login')
  if (device && browser) throw new UsageError('either --browser or --device')
  if (isHere && name !== 'switch') throw new UsageError('--here goes with switch')
  return { command: name, ...request }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        profile: { type: 'string', short: 'p' },
        browser: { type: 'boolean' },
        device: { type: 'boolean' },
        here: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function isCommand(name: string): name is Command {
  return Object.hasOwn(OPERANDS, name)
}
