import { parseArgs } from 'node:util'

export const VERSION = '1.0.0'

export const HELP = `Usage: acme <command> [options]

Commands
  login            sign in, with the browser of this machine
  login --device   sign in, with the browser of another one
  whoami           who is signed in
  get PATH         what the API answers at PATH
  status           what is known here of the session; asks nobody
  logout           sign out, here and at the server

Options
  -p, --profile NAME   which of your sessions (default: default)
  -h, --help           this text
      --version        the version

Environment
  ACME_TOKEN   an access token, to be used in place of the session
  NO_COLOR     if set: no colours

Exit codes
  0    done
  1    it failed
  2    the command line is wrong
  3    nobody is signed in, or the API does not take the token
  4    it may work later: the network, or the server
  130  Ctrl-C`

export class UsageError extends Error {}

/** @typedef {'login' | 'logout' | 'status' | 'whoami' | 'get'} Command */

/**
 * What is asked for.
 *
 * @typedef {{ profile: string, isDevice: boolean, path: string }} Request
 */

/** @type {Record<Command, number>} how many words follow it */
const OPERANDS = { login: 0, logout: 0, status: 0, whoami: 0, get: 1 }

/**
 * @param {string[]} argv
 * @returns {Request & { command: Command | 'help' | 'version' }}
 */
export function parseArguments(argv) {
  const { values, positionals } = parse(argv)
  const [name, path = ''] = positionals
  const { profile = 'default', device: isDevice = false, browser, help, version } = values
  const request = { profile, isDevice, path }
  if (help) return { command: 'help', ...request }
  if (version) return { command: 'version', ...request }

  if (name === undefined) throw new UsageError('a command is wanted')
  if (!isCommand(name)) throw new UsageError(`no command: ${name}`)
  if (positionals.length - 1 !== OPERANDS[name]) {
    throw new UsageError(name === 'get' ? 'get wants a PATH' : `${name} wants nothing after it`)
  }
  if ((isDevice || browser) && name !== 'login') {
    throw new UsageError('--browser and --device go with login')
  }
  if (isDevice && browser) throw new UsageError('either --browser or --device')
  return { command: name, ...request }
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        profile: { type: 'string', short: 'p' },
        browser: { type: 'boolean' },
        device: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/**
 * @param {string} name
 * @returns {name is Command}
 */
function isCommand(name) {
  return Object.hasOwn(OPERANDS, name)
}
