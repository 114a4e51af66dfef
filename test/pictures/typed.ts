/** What is typed in the picture of the example CLI. */
export const TYPED = [
  'acme login --device',
  'acme whoami',
  'acme get /me',
  'acme profiles',
  'acme status',
  'acme logout',
  'acme whoami',
]
