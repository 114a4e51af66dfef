import type { Burst, ClientQuestion } from '../children/client.child.ts'
import { startChild } from '../measure/child.ts'
import { startServer } from '../measure/server.ts'
import { ratiosOf, spreadOf } from '../measure/spread.ts'
import { WITH_BOUND } from '../peers/all.ts'
import { type Figure, OURS, type Row, round, show } from '../row.ts'

const HOUR_MS = 3_600_000
const REQUESTS = 1_500
const CONCURRENCY = 50
const ROUNDS = 10
const FLOOR = 'bare axios'
const ITSELF = 'bare axios again'

/** Requests that cross a socket, as many as one process can make. */
export async function loopback(): Promise<Row> {
  const server = await startServer()
  const peers = WITH_BOUND.flatMap(({ name, client }) => (client ? name : []))
  const contenders = [...peers.map((peer) => [peer, peer] as const), [ITSELF, FLOOR] as const]
  const clients = await Promise.all(
    contenders.map(async ([name, peer]) => {
      const isJwt = peer === 'axios-jwt'
      const setup = await server.open({ client: name, lifetimeMs: HOUR_MS, delayMs: 0, isJwt })
      const child = startChild<ClientQuestion, Burst>('children/client.child.ts')
      await child.ask({ kind: 'connect', peer, setup })
      return { name, child, bursts: [] as Burst[] }
    }),
  )
  for (let count = -1; count < ROUNDS; count += 1) {
    const turn = (count + 1) % clients.length
    for (const { child, bursts } of [...clients.slice(turn), ...clients.slice(0, turn)]) {
      const burst = await child.ask({ kind: 'burst', requests: REQUESTS, concurrency: CONCURRENCY })
      if (count >= 0) bursts.push(burst)
    }
  }
  await Promise.all([server.stop(), ...clients.map(({ child }) => child.stop())])

  const speedOf = (bursts: Burst[]) =>
    bursts.map(({ milliseconds }) => (REQUESTS * 1000) / milliseconds)
  const cpuOf = (bursts: Burst[]) => bursts.map(({ cpuMicroseconds }) => cpuMicroseconds / REQUESTS)
  const floor = clients.find(({ name }) => name === FLOOR)!.bursts
  const measured = clients.map(({ name, bursts }) => ({
    name,
    speed: spreadOf(ratiosOf(speedOf(bursts), speedOf(floor))),
    cpu: spreadOf(ratiosOf(cpuOf(bursts), cpuOf(floor))),
    perSecond: spreadOf(speedOf(bursts)).median,
  }))
  const ours = measured.find(({ name }) => name === OURS)!
  return {
    name: 'loopback throughput',
    how: `a keep-alive server in its own process, ${CONCURRENCY} requests at once, ${REQUESTS} a round, ${ROUNDS} rounds`,
    goals: [
      { of: 'requests a second', ours: ours.speed.median, atLeast: 0.95, unit: '×' },
      { of: 'client CPU a request', ours: ours.cpu.median, atMost: 1.05, unit: '×' },
    ],
    figures: measured.flatMap(({ name, speed, cpu, perSecond }): Figure[] => [
      {
        of: 'requests a second',
        contender: name,
        shown: `${show(speed, '×')}, ${round(perSecond)}`,
      },
      { of: 'client CPU a request', contender: name, shown: show(cpu, '×') },
    ]),
  }
}
