/** Lua that the server runs as one step. All keys of a session are in one hash slot. */
export type Script = string & { readonly brand?: 'script' }

/**
 * What is stored. The session has a sign before it, so that no client takes it for JSON that it may
 * parse. A hash of another program, without our fields, is an empty record, which cannot be read: it
 * is not the same as nothing, since nothing can be saved over it. KEYS: record.
 */
export const READ: Script = `
local found = redis.call('HMGET', KEYS[1], 'version', 'session')
if not found[1] and not found[2] and redis.call('EXISTS', KEYS[1]) == 1 then return {'', '='} end
return {found[1], found[2] and '=' .. found[2]}`

/**
 * Saves if what is stored has that version. Versions are compared as text: Lua's numbers print with
 * 14 digits. KEYS: record. ARGV: the version wanted ('': nothing stored), version, session, ttl.
 */
export const SAVE: Script = `
if ARGV[1] == '' then
  if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
elseif redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'session', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`

/**
 * Takes the lease, or tells what is stored while another has it; without the session if its version
 * is known. One's own lease is taken again: clients send again what they got no response to.
 * KEYS: lease, record. ARGV: owner, duration, known version.
 */
export const ACQUIRE: Script = `
local owner = redis.call('GET', KEYS[1])
if not owner or owner == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return {'1'}
end
local version = redis.call('HGET', KEYS[2], 'version')
if version == ARGV[3] then return {'0', version} end
local session = redis.call('HGET', KEYS[2], 'session')
return {'0', version, session and '=' .. session}`

/** KEYS: lease. ARGV: owner, duration. */
export const RENEW: Script = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`

/** KEYS: lease. ARGV: owner. */
export const RELEASE: Script = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/**
 * Puts what cannot be read out of the way, if it is still what was seen. KEYS: record, damaged.
 * ARGV: version and session as seen ('': none), ttl.
 */
export const SET_ASIDE: Script = `
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' then return 0 end
if kind == 'hash' then
  local found = redis.call('HMGET', KEYS[1], 'version', 'session')
  if (found[1] or '') ~= ARGV[1] or (found[2] or '') ~= ARGV[2] then return 0 end
end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1`

const digests = new Map<Script, Promise<string>>()

/** By which a server knows a script that it has seen. */
export function digestOf(script: Script): Promise<string> {
  const known = digests.get(script)
  if (known) return known
  const made = sha1(script)
  digests.set(script, made)
  return made
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
