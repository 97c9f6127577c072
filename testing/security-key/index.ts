export { approver, firstOwner, type Offer, type Person, type RegisteredAgent } from './person';
export { type Ceremony, type SoftKey, softKey } from './soft-key';
export { plugIn, type SecurityKey } from './virtual';
