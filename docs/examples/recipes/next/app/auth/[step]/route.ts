import { handleAuth } from '@/lib/login'

export function GET(request: Request): Promise<Response> {
  return handleAuth(request)
}

export function POST(request: Request): Promise<Response> {
  return handleAuth(request)
}
