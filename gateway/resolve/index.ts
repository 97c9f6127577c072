export { answerDangers, shownAnswer } from './answer-dangers';
export { resolveInTime, type TimedRead } from './answers';
export { previewOfGrant } from './credential';
export { blockUnknown, previewOfExact, refuseOtherScope } from './exact';
export { nothingWasSent, runApproved } from './run-approved';
