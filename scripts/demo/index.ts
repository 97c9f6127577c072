export { firstOwner, type Person, packedMaker } from '#testing/security-key';
export { startAgent } from './agent';
export { cancelOpen, openRequests } from './requests';
export { type Teller, teller } from './say';
export { tellStory } from './story';
