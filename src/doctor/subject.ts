import { TokenOptionsError } from '../errors.js'
import type { AuthorizationServerOptions } from '../oauth/server-options.js'
import type { Provider } from '../oauth/provider.js'
import * as presets from '../providers/index.js'
import type { CommandLine } from './command-line.js'

/** The authorization server that is looked at. */
export interface Subject {
  readonly name: string
  readonly provider?: Provider
  readonly options: AuthorizationServerOptions
}

/** @throws TokenOptionsError if nothing, or nothing that there is, was named */
export function subjectOf(command: CommandLine): Subject | undefined {
  const { provider: name, issuer, tokenEndpoint } = command
  if (name !== undefined) {
    const provider = presetOf(name, command.presetOptions)
    return { name: provider.name, provider, options: { provider } }
  }
  if (issuer !== undefined) return { name: issuer, options: { issuer } }
  if (tokenEndpoint !== undefined) return { name: tokenEndpoint, options: { tokenEndpoint } }
  return undefined
}

/** By name in any spelling: `githubApp`, `github-app`, `GitHub_App`. */
function presetOf(name: string, options: Readonly<Record<string, string>>): Provider {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const entry = Object.entries(presets).find(([key]) => plain(key) === plain(name))
  if (!entry) {
    const known = Object.keys(presets).join(', ')
    throw new TokenOptionsError(
      `tokenward doctor: there is no preset with this name. The presets are: ${known}`,
    )
  }
  return madeWith(name, entry[1] as MakePreset, options)
}

type Options = Readonly<Record<string, string | undefined>>
type MakePreset = (options: Options) => Provider

/** Calls the preset, and sees by what it reads which options it has. */
function madeWith(name: string, make: MakePreset, options: Options): Provider {
  const asked = new Set<string>()
  const watched = new Proxy(options, {
    get: (target, key) => {
      asked.add(String(key))
      return target[String(key)]
    },
  })
  const provider = make(watched)
  const known = [...asked].map((key) => `--option ${key}=...`).join(' ') || 'none'
  const unknown = Object.keys(options).find((key) => !asked.has(key))
  if (unknown !== undefined) {
    throw new TokenOptionsError(
      `tokenward doctor: ${name} has no option ${unknown}. Its options are: ${known}`,
    )
  }
  // Of an option without a default, which was not given.
  if (JSON.stringify([provider.issuer, provider.endpoints]).includes('undefined')) {
    throw new TokenOptionsError(`tokenward doctor: ${name} needs its options: ${known}`)
  }
  return provider
}
