export { endedMark, keepEnded } from './stopped';
export type { End, LiveCredential, SeenFreeze, Stop, Vault } from './types';
export { openVault } from './vault';
