import theme from 'vitepress/theme-without-fonts' // no font is fetched or shipped
import './style.css'

export { theme as default }
