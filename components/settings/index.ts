export { Appearance } from './appearance';
export { SessionList } from './session-list';
export { readTheme, THEME_COOKIE } from './theme';
