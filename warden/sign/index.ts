export { createSignServer } from './server';
