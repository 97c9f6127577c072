export { endedMark, keepEnded } from './stopped';
export type { End, LiveCredential, SeenFreeze, Vault } from './types';
export { openVault } from './vault';
