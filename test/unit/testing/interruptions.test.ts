import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  interruptAll,
  waitInterruptibly,
  type Interruptions,
} from '../../../src/testing/interruptions.js'

describe('a wait inside the server', () => {
  it.each([
    ['its end', (_caller: AbortController, _all: Interruptions, end: () => void) => end()],
    ['its caller', (caller: AbortController) => caller.abort()],
    ['a reset', (_caller: AbortController, all: Interruptions) => interruptAll(all, new Error())],
  ])('ended by %s leaves nothing behind', async (_, endBy) => {
    const caller = new AbortController()
    const interruptions: Interruptions = new Set()
    let end!: () => void
    let undone = 0
    const wait = waitInterruptibly<void>(caller.signal, interruptions, (resolve) => {
      end = resolve
      return () => undone++
    })
    expect([getEventListeners(caller.signal, 'abort').length, interruptions.size]).toEqual([1, 1])
    endBy(caller, interruptions, end)
    await wait.catch(() => undefined)
    expect([getEventListeners(caller.signal, 'abort').length, interruptions.size]).toEqual([0, 0])
    expect(undone).toBe(1)
  })
})
