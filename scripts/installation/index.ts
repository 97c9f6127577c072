export { buildAll, generateClient, watchWarden } from './build';
export { MIGRATIONS } from './database';
export { type Installation, type InstallationOptions, openInstallation } from './installation';
export { freePorts } from './ports';
export { readSettings, type Settings } from './settings';
