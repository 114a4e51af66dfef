import { Agent, request } from 'node:http'

/** A server gives an idle connection up after 5 s and more. */
const LONGEST_WAIT_MS = 4_000

/**
 * Posts what nobody there wants to read, and asks for a page on the same connection.
 *
 * @returns the status of both
 */
export async function askAfterUpload(
  origin: string,
  { upload, page }: { upload: string; page: string },
): Promise<[number, number]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send = (path: string, body?: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length } // prettier-ignore
      const method = body === undefined ? 'GET' : 'POST'
      const asked = request(origin + path, { agent, method, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode!))
      })
      asked.on('error', reject)
      asked.setTimeout(LONGEST_WAIT_MS, () => asked.destroy(new Error(`${path}: no response`)))
      asked.end(body)
    })
  try {
    return [await send(upload, 'a'.repeat(1_000_000)), await send(page)]
  } finally {
    agent.destroy()
  }
}
