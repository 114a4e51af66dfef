import { parseArgs } from 'node:util'
import { TokenOptionsError } from '../errors.js'

/** What the user asks for. */
export interface CommandLine {
  /** The name of a preset. */
  readonly provider?: string
  /** What the preset is called with, such as `domain=acme.okta.com`. */
  readonly presetOptions: Readonly<Record<string, string>>
  /** The values of its placeholders, such as `shop=a-shop.myshopify.com`. */
  readonly variables: Readonly<Record<string, string>>
  readonly issuer?: string
  readonly tokenEndpoint?: string
  readonly clientId?: string
  /** The environment variable that holds the secret: a command line can be read by others. */
  readonly clientSecretEnv?: string
  /** How the client authenticates, where neither the preset nor the metadata say. */
  readonly clientAuth?: string
  readonly sessionFile?: string
  readonly skipMachine: boolean
  readonly json: boolean
  readonly yes: boolean
  readonly help: boolean
}

export const USAGE = `Usage: tokenward doctor [PRESET] [options]

  PRESET                    the name of a preset of tokenward/providers, such as slack
  --option NAME=VALUE       what the preset is called with, such as domain=acme.okta.com
  --variable NAME=VALUE     a placeholder of its URLs, such as shop=a-shop.myshopify.com
  --issuer URL              reads the metadata of this authorization server
  --token-endpoint URL      looks at this token endpoint, without metadata
  --client-id ID            tries the client, with a refresh token that is surely dead
  --client-secret-env NAME  the environment variable that holds the client's secret
  --client-auth METHOD      how the client authenticates, such as client_secret_post
  --session FILE            tells what happened to the session in this file
  --skip-machine            looks neither at the keyring nor at the file system
  --yes                     does not ask before a request is sent as the client
  --json                    prints data in place of sentences

The exit status is 1 where a problem was found, 2 where the command is wrong.
`

/** @throws TokenOptionsError if the command is wrong */
export function readCommandLine(words: readonly string[]): CommandLine {
  const { values, positionals } = parsed(words)
  const [command, provider, ...more] = positionals
  const help = values.help === true || command === undefined
  if (!help && command !== 'doctor') {
    throw new TokenOptionsError(
      `tokenward: unknown command ${command}. The only command is: doctor`,
    )
  }
  if (more.length > 0) throw new TokenOptionsError('tokenward doctor: takes one preset')
  return {
    provider,
    presetOptions: Object.fromEntries((values.option ?? []).map(pairOf)),
    variables: Object.fromEntries((values.variable ?? []).map(pairOf)),
    issuer: values.issuer,
    tokenEndpoint: values['token-endpoint'],
    clientId: values['client-id'],
    clientSecretEnv: values['client-secret-env'],
    clientAuth: values['client-auth'],
    sessionFile: values.session,
    skipMachine: values['skip-machine'] === true,
    json: values.json === true,
    yes: values.yes === true,
    help,
  }
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        option: { type: 'string', multiple: true },
        variable: { type: 'string', multiple: true },
        issuer: { type: 'string' },
        'token-endpoint': { type: 'string' },
        'client-id': { type: 'string' },
        'client-secret-env': { type: 'string' },
        'client-auth': { type: 'string' },
        session: { type: 'string' },
        'skip-machine': { type: 'boolean' },
        json: { type: 'boolean' },
        yes: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (cause) {
    throw new TokenOptionsError(`tokenward: ${(cause as Error).message}`, { cause })
  }
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new TokenOptionsError('tokenward doctor: --option and --variable must be NAME=VALUE')
}
