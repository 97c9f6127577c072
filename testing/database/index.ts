export { bookingCompany, connect, type Fixture, limitsFor } from './company';
export { adminUrl, freshDatabase, type TestDatabase } from './database';
export { startServer } from './global-setup';
