export { readDocument } from './document';
export { createApiServer } from './server';
