import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { LoginRequiredError } from '../../src/errors.js'
import { createScrubber, describeCause, redact } from '../../src/redact.js'

describe('redact', () => {
  it.each([
    ['a JWT', 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln here', 'got [redacted] here'],
    ['credentials after a scheme', 'Authorization: Bearer abc.def', 'Authorization: Bearer [redacted]'], // prettier-ignore
    ['Basic', 'Basic dXNlcjpwYXNz, next', 'Basic [redacted], next'],
    ['a form field', 'grant_type=x&refresh_token=abc&y=1', 'grant_type=x&refresh_token=[redacted]&y=1'], // prettier-ignore
    ['a JSON field', '{"client_secret":"a b","x":1}', '{"client_secret":[redacted],"x":1}'],
    ['camel case', 'accessToken: abc', 'accessToken: [redacted]'],
    ['a code', 'GET /cb?code=abc&state=1', 'GET /cb?code=[redacted]&state=1'],
    ['an opaque run', 'key 4f9a8b7c6d5e4f3a2b1c0d9e8f7a was', 'key [redacted] was'],
  ])('leaves out %s', (_what, text, expected) => {
    expect(redact(text)).toBe(expected)
  })

  it.each([
    'Request failed with status code 503',
    'connect ECONNREFUSED 127.0.0.1:3000',
    'the token endpoint is unavailable',
    'unable to verify the first certificate',
    'getaddrinfo ENOTFOUND auth.example.com',
  ])('leaves alone: %s', (text) => {
    expect(redact(text)).toBe(text)
  })

  it.each(['ey-', 'eyaaaaaaaa.', 'a', 'Bearer ', 'access_token="', '?code=', 'a1/'])(
    'reads no more than a message of %s',
    (piece) => {
      const text = redact(piece.repeat(100_000))
      expect(text.length).toBeLessThan(60_000) // a short piece may become a longer mark
    },
  )

  it('cuts where a word ends, so that no half of a secret is left', () => {
    const secret = 'Zx9k2mQ7vRt4Bn8Lp3Ws6'
    expect(redact(`${'word '.repeat(818)}${secret}${secret}`)).not.toContain('Zx9k2')
  })

  it.each([
    ['1//0gQx8zK4mT7vRCgYIARAAGBASNwF-L9IrAbCdEfGhIjKlMnOpQrStUv'],
    ['tGzv3JOkF0XG5Qx2/TlKWIAabc9+defghijKLMNOPQRSTUVWXYZ12='],
  ])('takes out a token with slashes: %s', (token) => {
    expect(redact(`no such token: ${token}.`)).toBe('no such token: [redacted].')
  })

  it.each([
    '/srv/app2/node_modules/package/dist/index.js:10:4',
    'https://auth.example.com/v1/oauth2/token',
  ])('leaves alone a path: %s', (path) => {
    expect(redact(`at ${path}`)).toBe(`at ${path}`)
  })
})

describe('what others say', () => {
  const SAID = 'a\u001b[2J\r\nb\u202ec\u200b'

  it('is one line of visible characters', () => {
    expect(redact(SAID)).toBe('a[2J bc')
    const thrown = Object.assign(new Error(SAID), { name: SAID, code: SAID })
    thrown.stack = `Error: x\n    at ${SAID}\n    at f`
    const { message, name, code, stack } = describeCause(thrown) as NodeJS.ErrnoException
    expect({ message, name, code }).toEqual({
      message: 'a[2J bc',
      name: 'a[2J bc',
      code: 'a[2J bc',
    })
    expect(stack).toBe('a[2J bc: a[2J bc\n    at a[2J\n    at f')
  })

  it('hides no secret by what cannot be seen', () => {
    expect(redact('Bea\u200brer abc\u00ad.def')).toBe('Bearer [redacted]')
  })
})

describe('describeCause', () => {
  it('keeps the frames and not the head of a stack', () => {
    const error = new Error('refresh_token=abc')
    const { stack } = describeCause(error)
    expect(stack).toMatch(/^Error: refresh_token=\[redacted\]\n\s+at /)
  })

  it('follows causes three deep, and no circle', () => {
    const circle = new Error('again')
    circle.cause = circle
    let depth = 0
    for (let cause: unknown = describeCause(circle); cause; cause = (cause as Error).cause) depth++
    expect(depth).toBe(4)
  })

  it('reads the status of an answer', () => {
    expect(describeCause(Object.assign(new Error(), { response: { status: 503 } }))).toMatchObject({
      status: 503,
    })
    expect(describeCause(Object.assign(new Error(), { status: 'x' }))).not.toHaveProperty('status')
  })

  it.each([undefined, null, 'secret', 5, { secret: 1 }])('says the type only of %j', (thrown) => {
    expect(describeCause(thrown).message).toBe(`thrown: ${typeof thrown}`)
  })

  it.each([
    ['message', {}],
    ['name', undefined],
    ['stack', 42],
  ])('copes with an error whose %s is %j', (field, value) => {
    expect(describeCause(Object.assign(new Error('no'), { [field]: value }))).toBeInstanceOf(Error)
  })
})

describe('a scrubber', () => {
  const SECRET = 'p+ss w"rd/1'
  const scrubber = createScrubber([SECRET])

  it.each([
    ['as it is', SECRET],
    ['as in a form', new URLSearchParams({ s: SECRET }).toString().slice(2)],
    ['as in a URL', encodeURIComponent(SECRET)],
    ['as in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ])('takes a secret out %s, wherever and however often it is said', (_how, said) => {
    expect(scrubber.text(`sent ${said}, got <${said}>`)).toBe('sent [redacted], got <[redacted]>')
  })

  it('takes out what merely looks like a secret too', () => {
    expect(scrubber.text('Bearer abc.def')).toBe('Bearer [redacted]')
  })

  it('takes out a secret that is part of another', () => {
    const both = createScrubber(['refresh', 'refresh-1'])
    expect(both.text('refresh-1 and refresh')).toBe('[redacted] and [redacted]')
  })

  it('leaves alone what is no secret, and no message without its words', () => {
    const none = createScrubber([undefined, null, '', 'end'])
    expect(none.text('the token endpoint said no')).toBe('the token endpoint said no')
  })

  it.each(['pw1', 'a', '$^.', '-/|'])(
    'takes out a short one where it stands by itself: %s',
    (short) => {
      const { text } = createScrubber([short])
      expect(text(`sent ${short}, got "${short}"; x${short}x`)).toBe(
        `sent [redacted], got "[redacted]"; x${short}x`,
      )
    },
  )

  it.each(['i', 'id', 'ide', 'iden'])(
    'takes it out of what base64 makes of it behind an id: %s',
    (id) => {
      const secret = 'hunter2-ö+1'
      const { text } = createScrubber([secret])
      for (const form of ['base64', 'base64url'] as const) {
        const said = Buffer.from(`${id}:${secret}`).toString(form)
        const left = text(`no client ${said}`).replace('no client ', '').split('[redacted]')
        // What is left is the name, and the one character that the secret shares with it.
        expect(left).toHaveLength(2)
        expect(left.join('').length).toBeLessThanOrEqual(Math.ceil((4 * (id.length + 1)) / 3) + 3)
      }
    },
  )

  it('knows a secret that is no well-formed text', () => {
    expect(createScrubber(['half\ud800secret']).text('half\ufffdsecret')).toBe('[redacted]')
  })

  it('leaves a stack in its lines', () => {
    const stack = 'Error: x\n    at one (a.js:1:1)\n    at two (b.js:2:2)'
    const { stack: shown } = scrubber.cause(Object.assign(new Error('x'), { stack }))
    expect(shown).toBe(stack)
  })

  it('takes the secrets out of a whole chain of causes, their stacks included', () => {
    const inner = new Error(`inner ${SECRET}`)
    const thrown = new Error(`outer ${SECRET}`, { cause: inner })
    const cause = scrubber.cause(thrown)
    expect(cause.message).toBe('outer [redacted]')
    expect((cause.cause as Error).message).toBe('inner [redacted]')
    expect(inspect(cause, { depth: 9, showHidden: true })).not.toContain('w"rd')
    expect(thrown.message).toContain(SECRET) // what was thrown stays as it is
  })

  it('takes them out of a copy of one that is frozen', () => {
    const cause = Object.freeze(new Error(`inner ${SECRET}`))
    const frozen = Object.freeze(new LoginRequiredError(`outer ${SECRET}`, { cause }))
    const shown = scrubber.error(frozen)
    expect(shown).toBeInstanceOf(LoginRequiredError)
    expect(shown).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', message: 'outer [redacted]' })
    expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain('w"rd')
    expect(frozen.message).toContain(SECRET)
    expect(Object.isFrozen(shown)).toBe(false) // how the session ended is yet to be added
  })

  it('describes what is no error by its type', () => {
    expect(scrubber.cause(SECRET).message).toBe('thrown: string')
  })
})
