export { approver, firstOwner, type Offer, type Person } from './person';
export { type Ceremony, type SoftKey, softKey } from './soft-key';
export { plugIn, type SecurityKey } from './virtual';
