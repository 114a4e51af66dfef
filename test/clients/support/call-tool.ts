/* eslint-disable @typescript-eslint/no-deprecated -- servers of the first MCP specification have no other */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { McpSession } from 'tokenward/mcp'

/** What the user of a CLI does: connects, calls a tool, and goes. @returns what the tool said */
export async function callTool(
  { url, fetch }: Pick<McpSession, 'url' | 'fetch'>,
  name: string,
  Transport: typeof StreamableHTTPClientTransport | typeof SSEClientTransport = StreamableHTTPClientTransport, // prettier-ignore
): Promise<unknown> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(new Transport(url, { fetch }))
  try {
    const { content } = await client.callTool({ name })
    return (content as { text: string }[])[0]?.text
  } finally {
    await client.close()
  }
}
