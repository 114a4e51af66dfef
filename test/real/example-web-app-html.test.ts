import { describe, expect, it } from 'vitest'
import { html } from '../../docs/examples/web-app/src/html.js'

describe('what an API answers', () => {
  it.each([
    [[{ text: '<meta>' }]],
    ['<meta>'],
    [{ text: '<meta>' }],
    [null],
    [undefined],
    [['<meta>']],
  ])('is text in a page, whatever it is: %j', (answer: unknown) => {
    expect(html`<td>${answer}</td>`.text).not.toContain('<meta>')
  })
})
