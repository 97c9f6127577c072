export { createApiServer } from './server';
