export { buildAll, generateClient, watchProcesses } from './build';
export { MIGRATIONS } from './database';
export { type Installation, type InstallationOptions, openInstallation } from './installation';
export { freeAddresses, freePorts } from './ports';
export { readSettings, type Settings } from './settings';
