export { openSignVault, type SignVault } from './sign-vault';
export { endedMark, keepEnded } from './stopped';
export type { End, Ledger, LiveCredential, SeenFreeze, Stop, Vault } from './types';
export { openVault } from './vault';
