/** Grants: what is live, when it ends, and the proof that it did. */
export { GrantCard } from './grant-card';
export { PastGrants } from './past-grants';
