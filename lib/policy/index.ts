export { type Approver, judge, mayApprove, POLICY_HASH, type Refusal, type Verdict } from './policy';
