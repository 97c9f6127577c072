export { startAgent } from './agent';
export { becomeOwner, type Owner } from './owner';
export { cancelOpen, openRequests } from './requests';
export { type Teller, teller } from './say';
export { tellStory } from './story';
