export { type Approver, judge, mayApprove, type Refusal, type Verdict } from './policy';
