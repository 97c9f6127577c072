export type { AlarmCode } from './alarms';
export { openSecret } from './secret';
export { openVault, type Vault, type VaultFolders } from './vault';
