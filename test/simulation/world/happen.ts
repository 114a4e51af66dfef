import type { Client } from './client.js'
import type { Machines } from './machines.js'
import type { Happening, Planned } from './plan.js'
import type { World } from './world.js'

interface Scene {
  readonly world: World
  readonly machines: Machines
  readonly place: number
  readonly client: Client
  /** How long, how much, who: by this name, the first being the plain one. */
  readonly choose: <T>(...outcomes: [T, ...T[]]) => T
  readonly name: string
}

/** Lets it happen; who is closed, frozen or dead is not used. */
export function happen(world: World, machines: Machines, planned: Planned): void {
  const { what, place, name } = planned
  const client = machines.at(place)
  const isUp = client.process.state === 'running' && !client.isClosed
  if (isUse(what) && !isUp) return
  const choose = <T>(...outcomes: [T, ...T[]]) =>
    world.decisions.oneOf(`choice of ${name}`, outcomes)
  HAPPENINGS[what]({ world, machines, place, client, choose, name })
}

const HAPPENINGS: Record<Happening, (scene: Scene) => void> = {
  get: ({ client }) => client.get(),
  'get long': ({ client, world }) => client.get(Math.round(world.options.lifetimeS * 500)),
  burst: ({ client }) => {
    client.get()
    client.request()
    client.request()
    client.get()
  },
  request: ({ client }) => client.request(),
  refresh: ({ client }) => client.refresh(),
  resource: ({ client }) => client.resource(false),
  'refused resource': ({ client }) => client.resource(true),
  'get aborted': ({ client, choose }) => client.getAborted(choose(5, 0, 1, 300)),
  'resource request': ({ client }) => client.resourceRequest(),
  read: ({ client }) => client.read(),
  login: ({ client }) => client.login('alice'),
  'other login': ({ client, choose }) => client.login(choose('bob', 'carol')),
  'login again': ({ client }) => client.loginAgain(),
  logout: ({ client }) => client.logout(),
  close: ({ client }) => client.close(),

  kill: ({ machines, client }) => machines.kill(client),
  restart: ({ machines, place }) => machines.restart(place),
  freeze: ({ machines, client, name }) => machines.freeze(client, name),
  'kill in request': ({ machines, place, name }) =>
    machines.ambush('request', place, name, (there) => machines.kill(there)),
  'freeze in request': ({ machines, place, name }) =>
    machines.ambush('request', place, name, (there) => machines.freeze(there, name)),
  'freeze in save': ({ machines, place, name }) =>
    machines.ambush('save', place, name, (there) => machines.freeze(there, name)),
  clock: ({ world, place, choose }) => {
    const minutes = choose(-1, 1, -60, 10)
    world.setClock(place, minutes * 60_000)
    world.tell(`the clock of process ${place} is off by ${minutes} minutes`)
  },

  'store down': ({ world, choose }) => {
    const { store } = world
    store.goDown(choose(300, 3_000, 40_000))
  },
  'set back': ({ world, choose }) => world.store.setBack(choose(1, 2, 3, 5)),
  empty: ({ world }) => world.store.restartEmpty(),
  'lose lease': ({ world }) => {
    world.tell('the store loses the lease')
    world.store.lease.lose()
  },

  'server down': ({ world, choose }) => {
    const { server, scheduler } = world
    server.unavailableUntil = scheduler.now + choose(2_000, 20_000, 100, 90_000)
    world.tell(`the server answers 503 until ${server.unavailableUntil} ms`)
  },
  'API denies': ({ world, choose }) => {
    const { server, scheduler } = world
    server.deniesUntil = scheduler.now + choose(1_000, 10_000)
    world.tell(`the API answers 401 to everything until ${server.deniesUntil} ms`)
  },
  'revoke access': ({ world }) => {
    for (const token of world.server.accessTokens.values()) token.isRevoked = true
    world.tell('the server revokes all access tokens')
  },
  'revoke session': ({ world }) => {
    for (const family of world.server.families) family.revokedBy ??= 'server'
    world.tell('the server revokes all sessions')
  },
}

const USES: readonly Happening[] = [
  'get',
  'get long',
  'burst',
  'request',
  'refresh',
  'resource',
  'refused resource',
  'resource request',
  'get aborted',
  'read',
  'login',
  'other login',
  'login again',
  'logout',
  'close',
]

/** Whether it is something that users do. */
function isUse(what: Happening): boolean {
  return USES.includes(what)
}
