/** People, their keys and their roles. Every change of them is signed with a key. */
export { InvitationList } from './invitation-list';
export { Invite } from './invite';
export { KeyList } from './key-list';
export { PersonCard } from './person-card';
