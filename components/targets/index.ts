/** Targets: where a request would act, and what power it names. */
export { Environment, PlaceStrip } from './environment';
export { Resources, Verbs } from './power';
export { TargetCard } from './target-card';
