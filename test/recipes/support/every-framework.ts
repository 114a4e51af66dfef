/**
 * What each framework can do wrong by itself: its errors, its forms, its way out. All else is in the
 * files that all of them share, and is tried with Express.
 */
export const OF_EVERY_FRAMEWORK = [
  'a login begun at one process ends at the other; what the API says is escaped',
  'six tabs at once with an expired token make one token request',
  'nobody’s page leads to the login, and back to it',
  'a cancelled login is told in plain words',
  'a step-up asks for what the API wants, comes back, and does not go round',
  'a form of 100 kB, and one that is none, are refused',
  'what nobody reads keeps no connection from being used again',
  'a logout wants the form’s token; the next click shows the login',
  'Redis is away: 503 with Retry-After; it comes back, and all are still logged in',
  'a deploy: what is asked is answered, and the next process knows the session',
  'SIGTERM ends the processes, with connections kept alive',
]
