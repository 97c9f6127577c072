export { followHead, type HeadFollower } from './follower';
export type { SignedState, SignedUpstream } from './state';
