export type { Cbor } from './cbor';
export { certify, newAuthority, newPair, type TestAuthority } from './certificates';
export { bits, context, element, octets, oid, sequence } from './der';
export { androidMaker, appleMaker, type PhoneSays, tpmMaker, u2fMaker } from './formats';
export { aaguidExtension, chromiumRoot, type KeyMaker, NO_MAKERS, onlyMaker, packedMaker } from './makers';
export { approver, firstOwner, type Offer, type Person, type RegisteredAgent } from './person';
export { type Ceremony, type SoftKey, softKey } from './soft-key';
export { plugIn, type SecurityKey } from './virtual';
export { WRONG_CEREMONIES } from './wrong-ceremonies';
