import { generateClient } from '#scripts/installation';

/** What a command that speaks to the database itself is built from: on a fresh clone it has to be made first. */
export const main = (): Promise<void> => generateClient();
