import { LoginRequiredError, RefreshRejectedError, toTokenSet } from 'tokenward'
import type { AuthorizationServer } from 'tokenward/testing'
import { describe, expect, it } from 'vitest'
import { PRESETS, type Preset } from './presets.js'
import { SAMPLE_FILES, samplesOf, type Sample } from './samples.js'
import { connected, logIn, rejectionOf } from './support.js'

const tokens = toTokenSet({ access_token: 'the-old-token', refresh_token: 'the-old-refresh-token' })

/** What a refresh makes of the sample. */
function refreshAnswered(preset: Preset, { status, body }: Sample) {
  const { server, oauth } = connected(preset)
  server.next({ status, body })
  const { signal } = new AbortController()
  return oauth.refreshToken()({ refreshToken: 'the-old-refresh-token', tokens, signal })
}

const CASES = PRESETS.flatMap((preset) =>
  samplesOf(preset.name).samples.map((sample) => ({ preset, sample, name: preset.name })),
)
const of = (...cases: Sample['case'][]) => CASES.filter(({ sample }) => cases.includes(sample.case))

it('there are samples of every preset, and none of anything else', () => {
  const names = PRESETS.map(({ name }) => name)
  expect(SAMPLE_FILES.map(({ name }) => name).sort()).toEqual([...names].sort())
})

/** Who says it: the owner of a repository or of a site; two pages of one owner are one voice. */
function ownerOf(source: string): string {
  const { hostname, pathname } = new URL(source)
  const isRepository = /^(?:raw\.githubusercontent|(?:www\.)?github)\.com$/.test(hostname)
  return isRepository ? pathname.split('/')[1]! : hostname.split('.').slice(-2).join('.')
}

it.each(SAMPLE_FILES)(
  'the samples of $name come from two that do not know of each other',
  ({ samples }) => {
    // Whose name is not known may be one of the others.
    const named = samples.filter(({ source }) => source.startsWith('https://'))
    const owners = new Set(named.map(({ source }) => ownerOf(source)))
    expect(owners.size, [...owners].join()).toBeGreaterThanOrEqual(2)
  },
)

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g

it('no response has the identifiers of another: one would be made of the other', () => {
  for (const { samples } of SAMPLE_FILES) {
    const ids = samples.flatMap(({ body }) => [
      ...new Set(Object.values(body).flatMap((value) => String(value).match(UUID) ?? [])),
    ])
    expect(ids).toEqual([...new Set(ids)])
  }
})

describe('a published success', () => {
  it.each(of('login', 'refresh', 'client-credentials'))(
    'of $name ($sample.source) is read whole',
    async ({ preset, sample }) => {
      const read = await refreshAnswered(preset, sample)
      expect(read.accessToken).toBe('an-access-token')
      if (sample.body.refresh_token) expect(read.refreshToken).toBe('a-refresh-token')
      const { expires_in: seconds } = sample.body
      if (seconds !== undefined) {
        expect(read.expiresAt! - read.issuedAt).toBe(Number(seconds) * 1000)
      }
    },
  )
})

describe('a published refusal of a dead refresh token', () => {
  it.each(of('dead-token', 'revoked'))(
    'of $name ($sample.source) asks for a login',
    async ({ preset, sample }) => {
      const error = await rejectionOf(refreshAnswered(preset, sample))
      expect(error).toBeInstanceOf(LoginRequiredError)
    },
  )
})

describe('a published refusal of the client', () => {
  it.each(of('bad-client', 'bad-request'))(
    'of $name ($sample.source) ends no session',
    async ({ preset, sample }) => {
      const error = await rejectionOf(refreshAnswered(preset, sample))
      expect(error).toBeInstanceOf(RefreshRejectedError)
    },
  )
})

/** The emulator's own response in this case, as it is on the wire. */
async function emulated(preset: Preset, sample: Sample): Promise<Response> {
  const { server, oauth } = connected(preset)
  const seen: Response[] = []
  const watch = () =>
    server.next({
      respond: async (_, answer) => {
        const response = await answer()
        seen.push(response.clone())
        return response
      },
    })
  if (sample.case === 'login') {
    watch()
    await logIn(server, oauth)
  } else if (sample.case === 'refresh') {
    const first = await logIn(server, oauth)
    watch()
    const { signal } = new AbortController()
    const { refreshToken = first.accessToken } = first
    await oauth.refreshToken()({ refreshToken, tokens: first, signal })
  } else if (sample.case === 'client-credentials') {
    watch()
    await oauth.clientCredentials()({ signal: new AbortController().signal })
  } else {
    return refusalOf(server, sample)
  }
  return seen[0]!
}

function refusalOf(server: AuthorizationServer, sample: Sample): Promise<Response> {
  const { case: refuse } = sample
  if (
    refuse !== 'dead-token' &&
    refuse !== 'revoked' &&
    refuse !== 'bad-client' &&
    refuse !== 'bad-code'
  )
    throw new Error(`No refusal: ${refuse}`)
  server.next({ refuse })
  return server.fetch(server.metadata.token_endpoint, { method: 'POST' })
}

const kindOf = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value

/** An ID token comes where the scope asks for one, which these logins do not. */
const asked = ({ id_token: _, ...body }: Sample['body']) => body

describe.each(PRESETS)('the emulator of $name', (preset) => {
  const { samples } = samplesOf(preset.name)
  const cases = [...new Set(samples.map((sample) => sample.case))].filter(
    (each) => each !== 'bad-request',
  )

  it.each(cases)('answers %s as somebody has seen it', async (each) => {
    const seen = samples.filter((sample) => sample.case === each)
    const response = await emulated(preset, seen[0]!)
    const body = (await response.json()) as Record<string, unknown>
    const alike = seen.filter(
      (sample) =>
        sample.status === response.status &&
        Object.entries(asked(sample.body)).every(
          ([name, value]) => kindOf(body[name]) === kindOf(value),
        ),
    )
    expect(alike, JSON.stringify(body)).not.toEqual([])
  })
})
