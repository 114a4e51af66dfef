import { isTokenError, TokenOptionsError } from '../errors.js'
import { foreignText } from '../foreign-text.js'
import type { ClientAuthMethod } from '../oauth/client-auth.js'
import { oauthClient, type OAuthClient } from '../oauth/oauth-client.js'
import type { OAuthFetch } from '../oauth/transport.js'
import { clientFinding } from './client-check.js'
import { watchClock } from './clock-check.js'
import { readCommandLine, USAGE, type CommandLine } from './command-line.js'
import { machineFindings } from './machine-check.js'
import { hasProblem, inSentences, type Finding, type Report } from './report.js'
import { differences, metadataFindings, presetFindings } from './server-check.js'
import { sessionFindings } from './session-check.js'
import { subjectOf, type Subject } from './subject.js'

/** What the doctor needs of the world. */
export interface World {
  readonly fetch: OAuthFetch
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (text: string) => void
  readonly ask: (question: string) => Promise<boolean>
}

/** @returns the exit status: 1 where a problem was found, 2 where the command is wrong */
export async function main(words: readonly string[], world: World): Promise<number> {
  try {
    const command = readCommandLine(words)
    if (command.help) {
      world.print(USAGE)
      return 0
    }
    const report = await examine(command, world)
    world.print(command.json ? `${JSON.stringify(report, null, 2)}\n` : inSentences(report))
    return hasProblem(report) ? 1 : 0
  } catch (error) {
    if (!isTokenError(error)) throw error
    world.print(`${error.message}\n`)
    return 2
  }
}

async function examine(command: CommandLine, world: World): Promise<Report> {
  const subject = subjectOf(command)
  const findings: Finding[] = []
  if (subject) findings.push(...(await serverFindings(subject, command, world)))
  if (command.sessionFile !== undefined) {
    findings.push(...(await sessionFindings(command.sessionFile)))
  }
  if (!command.skipMachine) findings.push(...(await machineFindings()))
  // Metadata, and the message of an error, hold what a server said.
  const shown = findings.map((finding) => ({ ...finding, text: foreignText(finding.text, 1_000) }))
  return { subject: subject?.name ?? 'this machine', findings: shown }
}

async function serverFindings(
  subject: Subject,
  command: CommandLine,
  world: World,
): Promise<Finding[]> {
  const clock = watchClock(world.fetch)
  const client = clientOf(subject, command, { ...world, fetch: clock.fetch })
  const { provider } = subject
  const findings = provider ? presetFindings(provider) : []
  findings.push(...(await metadataFindings(client)))
  if (provider && command.issuer !== undefined) {
    const { issuer } = command
    const theirs = clientOf({ ...subject, options: { issuer } }, command, {
      ...world,
      fetch: clock.fetch,
    })
    findings.push(...differences(provider, await theirs.discover()))
  }
  if (command.clientId !== undefined) {
    const question = `Send a refresh token that is surely dead to ${subject.name}, as the client ${command.clientId}?`
    const isAgreed = command.yes || (await world.ask(question))
    findings.push(
      isAgreed
        ? await clientFinding(client)
        : {
            about: 'client',
            verdict: 'note',
            text: 'not tried: confirm the question, or pass --yes',
          },
    )
  }
  return [...findings, ...clock.findings()]
}

function clientOf(subject: Subject, command: CommandLine, { fetch, env }: World): OAuthClient {
  const { clientId = 'tokenward-doctor', clientSecretEnv, clientAuth, variables } = command
  const clientSecret = clientSecretEnv === undefined ? undefined : env[clientSecretEnv]
  if (clientSecretEnv !== undefined && !clientSecret) {
    // Not quoted: it may be the secret itself, by mistake.
    throw new TokenOptionsError(
      'tokenward doctor: --client-secret-env must be the name of an environment variable that is set',
    )
  }
  const auth = clientSecret === undefined ? { clientAuth: 'none' as const } : { clientSecret }
  // The options are checked by who takes them.
  const named = clientAuth === undefined ? {} : { clientAuth: clientAuth as ClientAuthMethod }
  return oauthClient({ ...subject.options, variables, clientId, fetch, ...auth, ...named })
}
