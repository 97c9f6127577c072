export { openSignVault, type SignVault } from './sign-vault';
export { endedMark, keepEnded, noteStop } from './stopped';
export type { End, Ledger, LiveCredential, SeenFreeze, Stop, Vault } from './types';
export { openVault } from './vault';
