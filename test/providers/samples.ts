import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** One response as a public source shows it, secrets replaced. */
export interface Sample {
  readonly case:
    | 'login'
    | 'refresh'
    | 'client-credentials'
    | 'dead-token'
    | 'revoked'
    | 'bad-client'
    | 'bad-code'
    | 'bad-request'
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly source: string
  readonly readOn: string
  readonly note?: string
}

export interface SampleFile {
  readonly name: string
  readonly samples: readonly Sample[]
  /** Where the sources say different things, in sentences. */
  readonly disagreements: readonly string[]
}

const FOLDER = join(import.meta.dirname, 'samples')

export const SAMPLE_FILES: readonly SampleFile[] = readdirSync(FOLDER).map((file) => ({
  name: basename(file, '.json'),
  ...(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Omit<SampleFile, 'name'>),
}))

export function samplesOf(name: string): SampleFile {
  const found = SAMPLE_FILES.find((file) => file.name === name)
  if (!found) throw new Error(`No samples of ${name}`)
  return found
}
