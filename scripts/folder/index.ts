export { openPlain, putFile, putOnce, readPlain } from './files';
export { makeKeys } from './keys';
export { type Layout, layoutOf, makeFolders, openFolder, refuseOlder } from './layout';
export { openSecrets, type Secrets } from './secrets';
export { type ProcessUsers, processUsers } from './users';
