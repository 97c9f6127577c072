export { Environment, PlaceStrip } from './environment';
export { Resources, Verbs } from './power';
export { TargetCard } from './target-card';
