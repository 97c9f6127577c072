export type { Ledger } from './ledger';
export type { LiveCredential } from './live';
export type { SeenFreeze } from './seen-freezes';
export { openVault, type Vault } from './vault';
