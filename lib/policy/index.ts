export { mayApprove, type Refusal, type Requirements, requirementsOf, type Seen } from './requirements';
