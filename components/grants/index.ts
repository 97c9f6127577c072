export { GrantCard } from './grant-card';
export { PastGrants } from './past-grants';
