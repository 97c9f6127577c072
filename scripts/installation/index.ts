export { buildAll, generateClient, watchProcesses } from './build';
export { DATABASE, MIGRATIONS } from './database';
export { type Installation, type InstallationOptions, openInstallation } from './installation';
export { isRunning, lockFolder } from './lock';
export { prepareOwnDatabase, settingsOf } from './own-database';
export { freeAddresses, freePorts } from './ports';
export { readSettings, type Settings } from './settings';
