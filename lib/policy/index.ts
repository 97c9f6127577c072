export { type Approver, judge, mayApprove, type Refusal, type Seen, type Verdict } from './policy';
