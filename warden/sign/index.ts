export { createSignServer } from './server/server';
