export { type Metadata, type Model, openMetadata } from './metadata';
export {
  type Attestation,
  compromise,
  type Makers,
  modelName,
  ownRoot,
  prove,
  type Root,
  securityKeyRoot,
  withRoots,
} from './prove';
export { fidoRoots, pinnedRoots } from './roots';
