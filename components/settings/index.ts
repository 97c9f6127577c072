export { Appearance } from './appearance';
export { GatewayCard } from './gateway-card';
export { ProductionKeysCard } from './production-keys';
export { SessionList } from './session-list';
export { readTheme, THEME_COOKIE } from './theme';
