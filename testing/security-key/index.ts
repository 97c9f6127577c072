export type { Cbor } from './cbor';
export { certify, newAuthority } from './certificates';
export { context, element, enumerated, integer, octets, sequence, set } from './der';
export { approver, firstOwner, type Offer, type Person, type RegisteredAgent } from './person';
export { type Attestation, type Ceremony, type Made, type SoftKey, softKey } from './soft-key';
export { plugIn, type SecurityKey } from './virtual';
export { WRONG_CEREMONIES } from './wrong-ceremonies';
