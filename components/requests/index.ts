export { Claims } from './claims';
export { ExactOperation } from './exact-operation';
export { Findings } from './findings';
export { FirstRequest } from './first-request';
export { FirstRun } from './first-run';
export { RequestHead } from './request-head';
export { RequestList } from './request-row';
