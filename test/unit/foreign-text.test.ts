import { describe, expect, it } from 'vitest'
import { foreignText } from '../../src/foreign-text.js'

describe('text of somebody else’s', () => {
  it.each([
    ['as it is', 'access_denied', 'access_denied'],
    ['in any language', 'Accès refusé: 拒否されました', 'Accès refusé: 拒否されました'],
    ['in one line', 'a\r\nb\n\tc\u2028d\u0085e', 'a b c d e'],
    ['without commands for a terminal', 'a\u001b[2J\u0007\u009b31mb', 'a[2J31mb'],
    ['without turned directions', 'ab\u202ecd\u2066ef', 'abcdef'],
    ['without what cannot be seen', 'a\u200bb\u00adc\ufeffd\u{e0041}e', 'abcde'],
    ['without letters that cannot be seen', 'a\u115fb\u3164c\u034fd\uffa0e', 'abcde'],
    ['without half characters', 'a\ud800b', 'ab'],
    ['without blanks around it', '  a  ', 'a'],
  ])('is shown %s', (_, text, expected) => {
    expect(foreignText(text)).toBe(expected)
  })

  it('is cut, and says so', () => {
    expect(foreignText('x'.repeat(501))).toBe(`${'x'.repeat(500)}...`)
    expect(foreignText('x'.repeat(9), 8)).toBe(`${'x'.repeat(8)}...`)
    expect(foreignText('x'.repeat(500))).toBe('x'.repeat(500))
    expect(foreignText(`${'x'.repeat(7)}😀`, 8)).toBe('xxxxxxx...')
  })
})
