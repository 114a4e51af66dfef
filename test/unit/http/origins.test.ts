import { describe, expect, it } from 'vitest'
import { originOf, Origins } from '../../../src/http/origins.js'

describe('a token bound to https://api.example.com', () => {
  const origins = new Origins('attachTokens', ['https://api.example.com'])

  it.each([
    'https://api.example.com',
    'https://api.example.com/',
    'HTTPS://API.EXAMPLE.COM/me',
    'https://api.example.com:443/me?x=1#y',
    'https:\\\\api.example.com\\me',
    ' https://api.example.com/me',
  ])('goes to %s', (url) => {
    expect(origins.destinationOf(url).isBound).toBe(true)
    expect(origins.destinationOfBase(url).isBound).toBe(true)
  })

  it.each([
    'http://api.example.com/',
    'https://api.example.com:8443/',
    'https://api.example.com:4430/',
    'https://api.example.com.evil.example/',
    'https://evil.example/https://api.example.com/',
    'https://api.example.com@evil.example/',
    'https://api.example.com:443@evil.example/',
    'https://evil.example\\@api.example.com/',
    'https://sub.api.example.com/',
    'https://example.com/',
    'https://api.example.com./',
    'https://аpi.example.com/',
    '//api.example.com/',
    '/me',
    'data:text/plain,x',
    'not a url',
    '',
  ])('does not go to %s', (url) => {
    expect(origins.destinationOf(url).isBound).toBe(false)
    expect(origins.destinationOfBase(url).isBound).toBe(false)
  })

  it('tells a URL that brings its own credentials', () => {
    expect(origins.destinationOf('https://user:secret@api.example.com/')).toEqual({
      isBound: true,
      hasCredentials: true,
    })
    expect(origins.destinationOf('https://:secret@api.example.com/').hasCredentials).toBe(true)
    expect(origins.destinationOf('https://api.example.com/').hasCredentials).toBe(false)
  })

  it('does not confuse one base with the one before', () => {
    expect(origins.destinationOfBase('https://api.example.com').isBound).toBe(true)
    expect(origins.destinationOfBase('https://evil.example').isBound).toBe(false)
    expect(origins.destinationOfBase('https://api.example.com').isBound).toBe(true)
  })
})

describe('an origin in the options', () => {
  it.each([
    'https://api.example.com/v1',
    'https://api.example.com?x',
    'https://*.example.com',
    'https://user:pw@api.example.com',
    'ftp://api.example.com',
    'api.example.com',
    '*',
    '',
    7,
    undefined,
  ])('cannot be %s', (given) => {
    expect(() => new Origins('attachTokens', [given as string])).toThrow(
      /`origins` must be origins/,
    )
  })

  it('does not show a password that was put in by mistake', () => {
    expect(() => new Origins('attachTokens', ['https://user:hunter2@api.example.com'])).not.toThrow(
      /hunter2/,
    )
  })

  it('may end with a slash', () => {
    expect(
      new Origins('attachTokens', ['http://localhost:3000/']).destinationOf(
        'http://localhost:3000/x',
      ).isBound,
    ).toBe(true)
  })
})

describe('the origin of a baseURL', () => {
  it.each([
    ['https://api.example.com/v1/', 'https://api.example.com'],
    ['/v1', undefined],
    ['file:///etc', undefined],
    [undefined, undefined],
  ])('of %s is %s', (url, origin) => {
    expect(originOf(url)).toBe(origin)
  })
})
