/** What the figures of a row do not say themselves: found with `--cpu-prof` and heap samples. */
export const REMARKS: Readonly<
  Record<string, { picture?: string; always?: string; missed?: string }>
> = {
  'hot path': {
    always:
      'A second promise is not made: everyone gets the same one. The 16 bytes of a call are the number that the clock gives.',
  },
  'axios overhead': {
    missed:
      'even the smallest adapter that keeps laws 7, 9, 11, 12 and 16 for a request to which nothing happens misses both goals. Decision 46 says what each law costs. Half of it is the copy of the config that keeps the token from what the caller can see. What remains beyond that adapter is 0.2 µs, for the symbols in the copy.',
  },
  'loopback throughput': {
    missed:
      'the same as of axios overhead, and that each request is hidden when it is made, so that no log prints the token that its headers hold (law 12). The smallest adapter that keeps these laws hides it as well.',
  },
  'expiry tail': {
    picture:
      '![The slowest 1 % of requests (p99) while tokens of 2 s expire](images/bench-expiry-tail.svg)',
    always:
      'Two goals are of this machine as much as of the code: what is slow beside the eternal token at the same time is slow of itself. axios-auth-refresh does not repeat the requests that get a 401 while it refreshes: those are its failures.',
  },
  'thundering herd': {
    missed:
      'plain callers share one wait; one with a signal or wishes of its own has a timer and a race of its own.',
  },
  sessions: {
    picture: '![Memory of each of 10,000 sessions](images/bench-sessions.svg)',
    always:
      'axios-jwt keeps its tokens in the module, so it serves one user a process; @azure/msal-node keeps all accounts in one cache, which is read through at each call.',
    missed:
      'the check of each option and the reading of the tokens by all their names: both are refused at construction if they are bad (decision 16). A third of the time goes to collecting garbage.',
  },
  contention: {
    picture:
      '![Token requests of 16 processes that share one session](images/bench-contention.svg)',
  },
  startup: {
    missed:
      'Node.js finds and loads some 20 small files, which is more than half of what an installed program pays; a bundled one does not. The keyring is asked in a process of its own, a second Node.js, so that one that never responds blocks nothing (decision 18). The smallest program that does so misses the goal by itself, without a file and without a word about a keyring that is locked (decision 67).',
  },
  size: {
    missed:
      'the laws. The refresh cycle alone, with what decides between this process and the store, is 10 kB gzipped. Messages are 2.7 kB, reading four kinds of tokens 2.2 kB, option checks 1.9 kB, judging failures 1.6 kB, DPoP 1.6 kB. The dependencies are 0.5 kB. The gate in `test/package/size.test.ts` holds what is.',
  },
}
