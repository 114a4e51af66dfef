import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { McpSession } from 'tokenward/mcp'

/** What the user of a CLI does: connects, calls a tool, and goes. @returns what the tool said */
export async function callTool({ url, fetch }: McpSession, name: string): Promise<unknown> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(url, { fetch }))
  try {
    const { content } = await client.callTool({ name })
    return (content as { text: string }[])[0]?.text
  } finally {
    await client.close()
  }
}
