export { Appearance } from './appearance';
export { GatewayCard } from './gateway-card';
export { SessionList } from './session-list';
export { readTheme, THEME_COOKIE } from './theme';
