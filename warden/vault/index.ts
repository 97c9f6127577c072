export { openSignVault, type SignVault } from './sign-vault';
export type { Ledger, LiveCredential, SeenFreeze, Vault } from './types';
export { openVault } from './vault';
