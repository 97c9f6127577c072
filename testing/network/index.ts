export { type Road, road } from './network';
