import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { canBeSentTwice } from '../../../src/http/body.js'

const form = (value: string | Blob) => {
  const made = new FormData()
  made.append('field', value)
  return made
}

describe('a body', () => {
  it.each([
    ['none', undefined],
    ['null', null],
    ['a string', 'x'],
    ['a number', 1],
    ['a Buffer', Buffer.from('x')],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a typed array', new Uint8Array(1)],
    ['URLSearchParams', new URLSearchParams('a=1')],
    ['a Blob', new Blob(['x'])],
    ['a form of texts', form('x')],
    ['a form with a file', form(new Blob(['x']))],
  ])('of %s can be sent twice', (_, body) => {
    expect(canBeSentTwice(body)).toBe(true)
  })

  it.each([
    ['a Node stream', Readable.from(['x'])],
    ['a web stream', new ReadableStream()],
    ['an async iterable', (async function* () {})()],
    ['a plain object', {}],
    ['a function', () => {}],
  ])('of %s cannot', (_, body) => {
    expect(canBeSentTwice(body)).toBe(false)
  })

  it('of a form that hides a stream in a look-alike of a file cannot', () => {
    const hiding = form('x')
    Object.defineProperty(hiding, 'values', {
      value: () => [{ stream: () => new ReadableStream() }],
    })
    expect(canBeSentTwice(hiding)).toBe(false)
  })
})
