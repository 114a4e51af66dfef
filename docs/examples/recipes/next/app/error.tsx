'use client'

/** The API, or the authorization server, or Redis is away. */
export default function ErrorPage() {
  return <p>Please try again soon.</p>
}
