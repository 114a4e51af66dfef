import { join } from 'node:path'

/** A configuration file (libconfig's syntax) for plain http on loopback, where no cookie may be secure. */
export function configuration({
  origin,
  port,
  database,
  modules,
}: Readonly<{ origin: string; port: number; database: string; modules: string }>): string {
  const settings = {
    port,
    bind_address: '127.0.0.1',
    external_url: origin, // with a slash at its end the login page's URL gets two
    login_url: 'login.html',
    api_prefix: 'api',
    log_mode: 'console',
    log_level: 'DEBUG',
    cookie_domain: '127.0.0.1',
    cookie_secure: 0,
    admin_scope: 'g_admin',
    profile_scope: 'g_profile',
    user_module_path: join(modules, 'user'),
    user_middleware_module_path: join(modules, 'user_middleware'),
    client_module_path: join(modules, 'client'),
    user_auth_scheme_module_path: join(modules, 'scheme'),
    plugin_module_path: join(modules, 'plugin'),
    hash_algorithm: 'SHA512',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quote(value)}`)
  return [...lines, `database = { type = "sqlite3" path = ${quote(database)} };`, ''].join('\n')
}

/** JSON's strings are libconfig's too, as long as they hold nothing but ASCII. */
function quote(value: string | number): string {
  return JSON.stringify(value)
}
