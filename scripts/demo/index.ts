export { startAgent } from './agent';
export { becomeOwner, type Owner } from './owner';
export { type Teller, teller } from './say';
export { tellStory } from './story';
