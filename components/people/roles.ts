import type { Role } from '#lib/views';

/** What each role may do, in a few words. */
export const ROLES: readonly { readonly id: Role; readonly what: string }[] = [
  { id: 'owner', what: 'decides, and runs the place' },
  { id: 'approver', what: 'decides on requests' },
  { id: 'reviewer', what: 'reads everything, changes nothing' },
];
