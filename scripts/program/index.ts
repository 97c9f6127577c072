export { programFor } from './app-copy';
