export { WARDEN } from './seen-freezes';
export { openSignVault, type SignVault } from './sign-vault';
export { endedMark, keepEnded, noteStop, noteStops } from './stopped';
export type { End, KeptEntry, Ledger, LiveCredential, Restored, SeenFreeze, Stop, Vault } from './types';
export { openVault } from './vault';
