/** Once, before the server answers; `next build` does not call it. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { connect } = await import('@/lib/sessions')
  await connect()
}
