/** Text that leads a parser deeper than chance would. */
export const TIMES = [
  '1e309',
  '-1',
  '0',
  '8640000000000001',
  '1e-9',
  '9'.repeat(40),
  '2026-01-01T00:00:00Z',
]
export const JSON_WORDS = [
  '{', '}', '[', ']', '"', ',', ':', 'null', 'true', '1e309', '-0', '"__proto__":', '"constructor":',
  '\\u0000', '\\u001b[2J', '\\ud800', '\\u202e', '\u0000', '\ufeff', ...TIMES,
] // prettier-ignore
export const TOKEN_WORDS = ['"access_token":', '"refresh_token":', '"expires_in":', '"scope":[', '"error":"invalid_grant"', '"error_description":', '"id_token":', '"token_type":"DPoP"'] // prettier-ignore
export const SESSION_WORDS = ['"version":', '"sessionId":', '"tokens":null', '"journal":[', '"at":', '"what":"spent"', '"by":', '"spending":{', '"coolDown":{', '"ended":{', '"ancestors":['] // prettier-ignore
export const HEADER_WORDS = ['Bearer ', 'DPoP ', 'Basic ', 'error="invalid_token"', 'error="insufficient_scope"', 'claims="', ',', '=', '"', '\\"', '\\', ' ', '\t', '\r\n', 'a=b', 'scope="'] // prettier-ignore
export const QUERY_WORDS = ['code=', 'state=the-state', 'error=', 'iss=https%3A%2F%2Fauth.example.com', '&', '=', '%', '%0A%1B', '%E2%80%AE', '?', '#', '+'] // prettier-ignore
export const SECRET_WORDS = ['Bearer ', 'eyJhbGciOiJub25lIn0.', 'access_token=', '"refresh_token":"', "client_secret='", '?code=', '~', '/', '-', '.', ' ', '\n    at ', '\u001b['] // prettier-ignore

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a parser of the platform's
  }
}
