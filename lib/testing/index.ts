export { adminUrl, freshDatabase, type TestDatabase } from './database';
