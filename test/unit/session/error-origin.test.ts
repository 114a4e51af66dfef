import { describe, expect, it } from 'vitest'
import { LoginRequiredError, RefreshUnavailableError } from '../../../src/errors.js'
import { markAsTold, takenAtItsWord } from '../../../src/session/error-origin.js'

const [ours, theirs] = [{}, {}]
/** The request began before whatever is told here. */
const BEGUN = 0
const end = () => new LoginRequiredError('over', { reason: 'invalid-grant' })

describe('an error that one’s own refresh throws', () => {
  it('is taken at its word where no manager had told it', () => {
    const error = end()
    expect(takenAtItsWord(error, ours, BEGUN)).toBe(error)
  })

  it('is taken at its word where this manager had told it', () => {
    const error = markAsTold(end(), ours)
    expect(takenAtItsWord(error, ours, BEGUN)).toBe(error)
  })

  it('is a failure of this refresh where another manager had told it', () => {
    const error = markAsTold(end(), theirs)
    const taken = takenAtItsWord(error, ours, BEGUN)
    expect(taken).toBeInstanceOf(RefreshUnavailableError)
    expect(taken).toMatchObject({ outcome: 'not-sent', cause: error })
    expect(taken.message).toBe(
      'Another manager, which the token request needed, could not give a token',
    )
  })

  it('belongs to whoever told it last', () => {
    const error = markAsTold(markAsTold(end(), theirs), ours)
    expect(takenAtItsWord(error, ours, BEGUN)).toBe(error)
  })

  it('is told from another copy of the package', () => {
    const told = { manager: theirs, at: performance.now() }
    const error = Object.assign(end(), { [Symbol.for('tokenward.toldBy')]: told })
    expect(takenAtItsWord(error, ours, BEGUN)).not.toBe(error)
  })

  it('is taken at its word where another manager told it before the request began', () => {
    const error = markAsTold(end(), theirs)
    expect(takenAtItsWord(error, ours, performance.now() + 1)).toBe(error)
  })
})
