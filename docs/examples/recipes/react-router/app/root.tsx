import type { ReactNode } from 'react'
import { Outlet, Scripts } from 'react-router'
import type { Route } from './+types/root.js'
import { connect } from './lib/sessions.js'

/** For `react-router dev`, which does not run `server.ts`. */
export const middleware: Route.MiddlewareFunction[] = [connect]

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  )
}

export default function App() {
  return <Outlet />
}
