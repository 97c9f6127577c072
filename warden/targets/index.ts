export type {
  Danger,
  Delivery,
  ExecuteLimits,
  Inspection,
  MintLimits,
  OperationResult,
  Prepared,
  Proof,
  SqlResult,
  Target,
  TokenParts,
  TokenState,
  UpstreamResult,
  Written,
} from './driver';
export { openSecret, openTarget, openUpstream } from './open-target';
export { proofAtGateway } from './proof';
export { createTargets, type Targets } from './registry';
