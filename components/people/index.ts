export { InvitationList } from './invitation-list';
export { Invite } from './invite';
export { KeyList } from './key-list';
export { PersonCard } from './person-card';
