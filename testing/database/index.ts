export { takeBackup } from './backup';
export { bookingCompany, connect, type Fixture, limitsFor } from './company';
export { adminUrl, freshDatabase, type TestDatabase } from './database';
export { babble, breakOff, endWith, type Fault, hangUp, reset } from './faults';
export { type FaultyServer, faultyServer } from './faulty-server';
export { startServer } from './global-setup';
export { holdOpen } from './hold';
export { startTestServer, type TestServer } from './server';
