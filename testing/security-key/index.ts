export { type Ceremony, type SoftKey, softKey } from './soft-key';
export { plugIn, type SecurityKey } from './virtual';
