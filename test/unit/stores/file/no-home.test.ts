import { afterEach, expect, it, vi } from 'vitest'

/** As in a container that runs as a user ID without a name. */
vi.mock('node:os', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  homedir: () => {
    throw new Error('ENOENT: no such file or directory, uv_os_homedir')
  },
  userInfo: () => {
    throw new Error('ENOENT: no such file or directory, uv_os_get_passwd')
  },
}))

afterEach(() => vi.unstubAllEnvs())

it('a user without a home folder is told so by the store, and by nothing before it', async () => {
  vi.stubEnv('XDG_STATE_HOME', '')
  vi.stubEnv('LOCALAPPDATA', '')
  const { fileStore, keyringStore, localStore, profiles } = await import('tokenward/cli')
  for (const make of [
    () => fileStore({ app: 'my-cli' }),
    () => keyringStore({ service: 'my-cli', account: 'me' }),
    () => localStore({ app: 'my-cli' }),
    () => profiles({ app: 'my-cli' }),
  ]) {
    expect(make).toThrow(/this user has no home folder.*Set HOME or XDG_STATE_HOME/)
  }
  expect(() => fileStore({ path: '/state/session.json' })).not.toThrow()
})
