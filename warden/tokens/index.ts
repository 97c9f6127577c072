export { tokenParts } from './claims';
