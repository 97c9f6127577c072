export type { Ledger } from './ledger';
export { openVault, type Vault } from './vault';
