export { type ApproverAuthority, type ApproverRefusal, type Approvers, approverRefusal, isOfClass } from './approver';
export { authorizeMint, type Mintable } from './authorize-mint';
export { approveStatement, factsOf } from './build';
export { recordApproval } from './service';
export { type SignedColumns, spellRequest } from './terms';
export { verifyApproval } from './verify';
