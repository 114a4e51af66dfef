import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hideFromInspect } from '../../src/inspect.js'

describe('hideFromInspect', () => {
  const veiled = () => hideFromInspect({ secret: 's' }, () => 'Veiled')

  it('shows what it is told, at any depth', () => {
    expect(inspect(veiled())).toBe('Veiled')
    expect(inspect([{ veiled: veiled() }], { depth: Infinity, showHidden: true })).not.toContain(
      "'s'",
    )
  })

  it('leaves the object the plain data that it is', () => {
    expect(JSON.stringify(veiled())).toBe('{"secret":"s"}')
    expect({ ...veiled() }).toEqual({ secret: 's' })
    expect(Object.keys(veiled())).toEqual(['secret'])
  })
})
