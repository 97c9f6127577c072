export { withClient } from './client';
export { type Cluster, startCluster } from './cluster';
export { migrate, pendingMigrations } from './migrate';
export { type Passwords, prepareDatabase, restrictDatabase, roleUrls } from './roles';
