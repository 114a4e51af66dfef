import { describe, expect, it, vi } from 'vitest'
import { Events } from '../../src/events.js'

const EVENT = { reason: 'due' } as const
const turn = async () => void (await Promise.resolve())

describe('events', () => {
  it('are told in a turn of their own, in order, to those who listen', async () => {
    const events = new Events()
    const told: string[] = []
    events.on('refreshing', ({ reason }) => told.push(`refreshing: ${reason}`))
    events.on('sessionEnded', ({ reason }) => told.push(`ended: ${reason}`))
    events.emit('refreshing', EVENT)
    events.emit('sessionEnded', { reason: 'gone', history: [] })
    expect(told).toEqual([])
    await turn()
    expect(told).toEqual(['refreshing: due', 'ended: gone'])
  })

  it('cost nothing where nobody listens', () => {
    const events = new Events()
    const then = vi.spyOn(Promise.prototype, 'then')
    events.emit('refreshing', EVENT)
    const turns = then.mock.calls.length
    then.mockRestore()
    expect(turns).toBe(0)
  })

  it('are told although a test runner has taken the queue of microtasks', async () => {
    vi.useFakeTimers({ toFake: ['queueMicrotask'] })
    try {
      const events = new Events()
      const told: unknown[] = []
      events.on('refreshing', (event) => told.push(event))
      events.emit('refreshing', EVENT)
      await turn()
      expect(told).toEqual([EVENT])
    } finally {
      vi.useRealTimers()
    }
  })

  it('end with their undo, which is harmless twice', async () => {
    const events = new Events()
    const first = vi.fn()
    const second = vi.fn()
    const undo = events.on('refreshing', first)
    events.on('refreshing', second)
    undo()
    undo()
    events.emit('refreshing', EVENT)
    await turn()
    expect(first).not.toHaveBeenCalled()
    expect(second).toHaveBeenCalledOnce()
  })

  it('may be undone by a listener while they are told', async () => {
    const events = new Events()
    const second = vi.fn()
    const undo: () => void = events.on('refreshing', () => undo())
    events.on('refreshing', second)
    events.emit('refreshing', EVENT)
    events.emit('refreshing', EVENT)
    await turn()
    expect(second).toHaveBeenCalledTimes(2)
  })
})
