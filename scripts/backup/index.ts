export { makeBackup } from './backup';
export { restoreBackup } from './restore';
