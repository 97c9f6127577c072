export { type AskCoverage, askDigest, coveredFields, digestOf, endedDigest, recordsDigest } from './digests';
export {
  AgentRecord,
  Head,
  InstanceCertificate,
  Look,
  Order,
  OrderResult,
  Probe,
  Report,
  RestRecord,
  TargetRecord,
  UpstreamResult,
} from './kinds';
export { openRecord, type RecordKind, type SignedRecord, signRecord } from './record';
export { isForAnotherKey, openSealed, resultContext, sealTo, secretContext } from './sealing';
export { keyThumbprint } from './thumbprint';
