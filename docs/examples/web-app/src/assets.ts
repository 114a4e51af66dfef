import type { FastifyInstance } from 'fastify'

/** What all pages load. Small enough to be here. */
export function addAssets(app: FastifyInstance): void {
  for (const [path, type, text] of [
    ['/style.css', 'text/css', STYLE],
    ['/page.js', 'text/javascript', SCRIPT],
  ] as const) {
    app.get(path, async (_request, reply) =>
      reply.type(type).header('cache-control', 'max-age=3600').send(text),
    )
  }
}

const STYLE = `
:root { color-scheme: light dark; --page: #f4f4f2; --paper: #fff; --text: #222; --soft: #5c5c58;
  --line: #dcdcd8; --accent: #1a4d8f; --on-accent: #fff }
@media (prefers-color-scheme: dark) {
  :root { --page: #16181b; --paper: #1f2226; --text: #e8e8e6; --soft: #a3a6aa; --line: #373b41;
    --accent: #8ab4f8; --on-accent: #10131a }
}
* { box-sizing: border-box }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: var(--page); color: var(--text) }
main { max-width: 40rem; margin: 8vh auto; padding: 2rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: .5rem }
h1 { font-size: 1.5rem; margin: 0 0 1rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
table { width: 100%; border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: .4rem .2rem; border-bottom: 1px solid var(--line); font-weight: normal }
td, dd { font-weight: 600; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: auto 1fr; gap: .4rem 1.5rem; margin: 0 }
dt { color: var(--soft) }
dd { margin: 0; font-variant-numeric: tabular-nums }
ol { margin: 0; padding: 0; list-style: none; font-size: .875rem; color: var(--soft) }
li { padding: .3rem 0 .3rem .8rem; border-left: 3px solid var(--line); overflow-wrap: anywhere }
li.refreshed, li.logged-in { border-color: var(--accent) }
form { margin: 1.5rem 0 0 }
.controls { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0 }
.controls button { background: none; color: var(--accent); border-color: currentColor }
a, button { display: inline-block; font: inherit; padding: .4rem 1rem; border: 1px solid transparent;
  border-radius: .3rem; cursor: pointer; background: var(--accent); color: var(--on-accent);
  text-decoration: none }
@media (max-width: 30rem) {
  main { margin: 0; min-height: 100vh; padding: 1.25rem; border: 0; border-radius: 0 }
  .controls button { flex: 1 1 100% }
}
`

const SCRIPT = `
const end = document.querySelector('[data-ends-in-ms]')
if (end) {
  const endsAt = performance.now() + Number(end.dataset.endsInMs)
  const tell = () => {
    const seconds = Math.ceil((endsAt - performance.now()) / 1000)
    end.textContent = seconds > 0 ? 'in ' + seconds + ' s' : -seconds + ' s ago: reload the page'
  }
  tell()
  setInterval(tell, 200)
}
`
