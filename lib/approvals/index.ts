export { approveStatement, factsOf } from './build';
export { recordApproval } from './service';
export { type SignedColumns, spellRequest } from './terms';
export { authorizeMint, type Mintable, otherApprovers, verifyApproval } from './verify';
