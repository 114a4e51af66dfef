import { styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'green' | 'red'

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR

const paint = (style: Style, text: string) => (isColoured ? styleText(style, text) : text)

/** Seconds since the start, so that everybody sees when it happened. */
const elapsed = () => (performance.now() / 1000).toFixed(2).padStart(6)

export const screen = {
  title: (text: string) => console.log(paint('bold', text)),
  plain: (text: string) => console.log(text),
  act: (letter: string, text: string) => console.log(paint('bold', `${letter}  ${text}`)),
  event: (text: string) => console.log(`${paint('dim', `${elapsed()} s`)}  ${text}`),
  good: (text: string) => console.log(paint('green', text)),
  bad: (text: string) => console.log(paint('red', text)),
}
