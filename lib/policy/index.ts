export { judge, mayApprove, type Refusal, type Seen, type Verdict } from './policy';
