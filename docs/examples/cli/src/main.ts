import { HELP, parseArguments, VERSION, type Command, type Request } from './arguments.js'
import { getPath, whoami } from './api.js'
import { doctor } from './doctor.js'
import { explain } from './failures.js'
import { awsCredentials, gitCredential, kubernetesCredential, token } from './outputs.js'
import { listProfiles, removeProfile, switchProfile } from './profile-commands.js'
import { login, logout, status } from './session-commands.js'
import { print, tell } from './terminal.js'

const COMMANDS: Record<Command, (request: Request) => Promise<void>> = {
  login,
  logout,
  whoami,
  get: getPath,
  status,
  profiles: listProfiles,
  switch: switchProfile,
  remove: removeProfile,
  token,
  'kubernetes-credential': kubernetesCredential,
  'aws-credentials': awsCredentials,
  'git-credential': gitCredential,
  doctor,
}

/** @returns the exit code */
async function main(argv: string[]): Promise<number> {
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

// Not process.exit(): what is printed to a pipe may still be on its way.
process.exitCode = await main(process.argv.slice(2))
