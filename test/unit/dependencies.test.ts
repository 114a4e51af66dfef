import { describe, expect, it } from 'vitest'
import { verdictOf } from '../dependencies/audit.js'
import { licenceFlaws } from '../dependencies/licences.js'

describe('the licences of what is installed', () => {
  const flawsOf = (found: object, whom: 'users' | 'tools' = 'users') =>
    licenceFlaws({ packages: { '': {}, 'node_modules/x': { version: '1.0.0', ...found } } }, whom)

  it.each([
    { license: 'MIT' },
    { license: '(GPL-3.0-only OR MIT)' },
    { license: 'MIT AND ISC' },
    { license: 'MPL-2.0', dev: true },
  ])('may be %j', (found) => {
    expect(flawsOf(found)).toEqual([])
  })

  it.each([
    {},
    { license: 'UNLICENSED' },
    { license: 'MPL-2.0' },
    { license: 'LGPL-3.0-or-later' },
    { license: 'MIT AND GPL-3.0-only' },
    { license: 'AGPL-3.0-only', dev: true },
  ])('may not be %j', (found) => {
    expect(flawsOf(found)).toHaveLength(1)
  })

  it('may ask more of a tool than of what users install', () => {
    expect(flawsOf({ license: 'MPL-2.0' }, 'tools')).toEqual([])
    expect(flawsOf({ license: 'Apache-2.0 AND LGPL-3.0-or-later' }, 'tools')).toEqual([])
    expect(flawsOf({ license: 'AGPL-3.0-only' }, 'tools')).toHaveLength(1)
  })

  it('is not asked of a folder of ours', () => {
    expect(flawsOf({ link: true })).toEqual([])
  })
})

describe('what npm audit says', () => {
  it('counts where it knows of a weakness', () => {
    const report = { vulnerabilities: { x: { severity: 'low', range: '<2' } } }
    expect(verdictOf(JSON.stringify(report))).toEqual({ known: true, flaws: ['x <2: low'] })
    expect(verdictOf('{"vulnerabilities":{}}')).toEqual({ known: true, flaws: [] })
  })

  it('counts where the fault is ours, and no registry mends it', () => {
    const report = { error: { code: 'ENOLOCK', summary: 'It requires a lockfile', detail: '' } }
    const flaws = ['npm audit: It requires a lockfile']
    expect(verdictOf(JSON.stringify(report))).toEqual({ known: true, flaws })
  })

  it.each([
    '',
    'npm error',
    '{"message":"503 Service Unavailable","error":{"summary":"","detail":""}}',
    '{"message":"405 Method Not Allowed\\n - POST"}',
  ])(
    'counts for nothing where the registry did not answer, which is told in one line: %s',
    (output) => {
      const verdict = verdictOf(output)
      expect(verdict).toMatchObject({ known: false, why: expect.stringMatching(/^.{1,200}$/) })
    },
  )
})
