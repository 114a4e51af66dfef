import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { finishBeforeExit, run } from 'tokenward/cli'

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const
const manager = { close: () => Promise.resolve() }
const counts = () => [
  ...[...SIGNALS, 'uncaughtException', 'beforeExit'].map((name) => process.listenerCount(name)),
  process.stdout.listenerCount('error'),
]

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
    ['what has no close()', { close: true }, 'got an object'],
    ['several, one of which has no close()', [manager, 'a'], 'got another string'],
  ])('refuses %s', (_, given, message) => {
    const before = counts()
    expect(() => finishBeforeExit(given as never)).toThrow(message)
    expect(counts()).toEqual(before)
  })

  it.each([
    [{ timeoutMs: 0 }, '`timeoutMs` must be a number of milliseconds above 0, got 0'],
    [
      { timeoutMs: '5' },
      '`timeoutMs` must be a number of milliseconds above 0, got another string',
    ],
    [{ timeout: 5 }, 'unknown option `timeout`'],
  ])('refuses the options %j', (options, message) => {
    const act = () => finishBeforeExit(manager, options as never)
    expect(act).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_OPTIONS' }))
    expect(act).toThrow(message)
  })
})

describe('run', () => {
  it('gives what the main function gives, once all is closed', async () => {
    const before = counts()
    const order: string[] = []
    const close = async () => void order.push('closed')
    const result = await run({ close }, async () => {
      expect(counts()).toEqual(before.map((count) => count + 1))
      order.push('main')
      return 7
    })
    expect([result, ...order]).toEqual([7, 'main', 'closed'])
    expect(counts()).toEqual(before)
  })

  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('no') }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('closes all where the main function %s, and passes that on', async (_, main) => {
    const before = counts()
    const close = vi.fn(manager.close)
    await expect(run([{ close }], main)).rejects.toThrow('no')
    expect(close).toHaveBeenCalledOnce()
    expect(counts()).toEqual(before)
  })

  it.each([
    [undefined, () => {}, 'run: `tokens` must be a TokenManager'],
    [manager, undefined, 'run: `main` must be a function, got undefined'],
  ])('refuses %s and %s', async (tokens, main, message) => {
    await expect(run(tokens as never, main as never)).rejects.toThrow(message)
  })
})

// With processes that die for real: test/process.
describe('at a signal', () => {
  let undo: (() => void) | undefined
  const kill = () => vi.mocked(process.kill)
  const raise = (signal: NodeJS.Signals) => process.emit(signal, signal)
  beforeEach(() => {
    vi.spyOn(process, 'kill').mockReturnValue(true)
    vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  })
  afterEach(() => undo?.())

  it('all are closed, whatever one of them throws, and the signal is raised again', async () => {
    const fail = () => {
      throw new Error('no')
    }
    const closables = [{ close: vi.fn(fail) }, { close: vi.fn(manager.close) }]
    undo = finishBeforeExit(closables)
    raise('SIGTERM')
    await vi.waitFor(() => expect(kill()).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGTERM'))
    for (const { close } of closables) expect(close).toHaveBeenCalledOnce()
  })

  it('a second one does not wait', () => {
    undo = finishBeforeExit({ close: () => new Promise(() => {}) })
    raise('SIGINT')
    expect(kill()).not.toHaveBeenCalled()
    raise('SIGINT')
    expect(kill()).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGINT')
  })

  it('that cannot be raised again, the process exits with its code', async () => {
    kill().mockImplementation(() => {
      throw new Error('ENOSYS')
    })
    undo = finishBeforeExit(manager)
    raise('SIGHUP')
    await vi.waitFor(() => expect(process.exit).toHaveBeenCalledExactlyOnceWith(129))
  })

  it('that somebody else goes on listening for, the end is theirs', async () => {
    const other = () => {}
    process.on('SIGINT', other)
    const before = process.listenerCount('SIGINT')
    undo = finishBeforeExit(manager)
    raise('SIGINT')
    await vi.waitFor(() => expect(process.listenerCount('SIGINT')).toBe(before))
    expect(kill()).not.toHaveBeenCalled()
    process.off('SIGINT', other)
  })
})
