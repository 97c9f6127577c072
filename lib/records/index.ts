export { type AskCoverage, askDigest, coveredFields, endedDigest, recordsDigest } from './digests';
export { AgentRecord, Head, RestRecord, TargetRecord } from './head';
export { InstanceCertificate } from './instance';
export { Look, Probe, Report } from './looks';
export { Order, OrderResult, UpstreamResult } from './orders';
export { openRecord, type RecordKind, type SignedRecord, signRecord } from './record';
export { isForAnotherKey, openSealed, resultContext, sealTo, secretContext } from './sealing';
export { keyThumbprint } from './thumbprint';
