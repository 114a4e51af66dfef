import { HELP, parseArguments, VERSION } from './arguments.js'
import { getPath, whoami } from './api.js'
import { explain } from './failures.js'
import { login, logout, status } from './session-commands.js'
import { print, tell } from './terminal.js'

const COMMANDS = { login, logout, status, whoami, get: getPath }

/**
 * @param {string[]} argv
 * @returns {Promise<number>} the exit code
 */
export async function main(argv) {
  try {
    const { command, ...request } = parseArguments(argv)
    if (command === 'help') print(HELP)
    else if (command === 'version') print(VERSION)
    else await COMMANDS[command](request)
    return 0
  } catch (error) {
    const { message, exitCode } = explain(error)
    if (message) tell(message)
    return exitCode
  }
}
