export type {
  Danger,
  Delivery,
  ExecuteLimits,
  Inspection,
  MintLimits,
  OperationResult,
  Prepared,
  Proof,
  Target,
  TokenParts,
  UpstreamResult,
} from './driver';
export { openSecret, openTarget, openUpstream } from './open-target';
export { proofAtGateway } from './proof';
export { createTargets, type Targets } from './registry';
