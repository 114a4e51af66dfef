export type { McpClientMetadata, McpLoginRequest, McpSessionOptions } from './mcp/options.js'
export { mcpSession, type McpSession } from './mcp/mcp-session.js'
