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
export { openTarget } from './open-target';
export { createTargets, type Targets } from './registry';
