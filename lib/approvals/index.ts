export { approveStatement, factsOf } from './build';
export { recordApproval } from './service';
export { authorizeMint, type Mintable, otherApprovers, verifyApproval } from './verify';
