import { describe, expect, it } from 'vitest'
import { finishBeforeExit } from 'tokenward/cli'

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const
const manager = { close: () => Promise.resolve() }
const counts = () => SIGNALS.map((signal) => process.listenerCount(signal))

// What it does at a signal is tested where processes may die: test/process.
describe('finishBeforeExit', () => {
  it('listens from its call until it is undone, and no earlier', () => {
    const before = counts()
    const undo = finishBeforeExit(manager)
    expect(counts()).toEqual(before.map((count) => count + 1))
    undo()
    expect(counts()).toEqual(before)
  })

  it.each([
    ['nothing', undefined, 'got undefined'],
    ['what has no close()', { close: true }, 'got object'],
    ['several, one of which has no close()', [manager, 'a'], 'got another string'],
  ])('refuses %s', (_, given, message) => {
    const before = counts()
    expect(() => finishBeforeExit(given as never)).toThrow(message)
    expect(counts()).toEqual(before)
  })

  it.each([
    [{ timeoutMs: 0 }, '`timeoutMs`: milliseconds, more than 0, wanted, got 0'],
    [{ timeoutMs: '5' }, '`timeoutMs`: milliseconds, more than 0, wanted, got another string'],
    [{ timeout: 5 }, 'unknown option `timeout`'],
  ])('refuses the options %j', (options, message) => {
    const act = () => finishBeforeExit(manager, options as never)
    expect(act).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_OPTIONS' }))
    expect(act).toThrow(message)
  })
})
