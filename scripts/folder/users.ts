import { type Owner, startedByRoot, systemUser } from '#scripts/machine';

/** Whom each process runs as. */
export interface ProcessUsers {
  readonly web: Owner;
  readonly warden: Owner;
  readonly gateway: Owner;
}

const ABSENT =
  'All processes run as the same user, so one that is taken over can read the files of the others: npm start as root gives each a user of its own (docs/operations.md).';

/** The three users, made when missing; where they are not to be separate null, and a sentence that says what is absent. */
export function processUsers(say: (line: string) => void, separate = startedByRoot()): ProcessUsers | null {
  if (separate) {
    return {
      web: systemUser('countersign-web', say),
      warden: systemUser('countersign-warden', say),
      gateway: systemUser('countersign-gateway', say),
    };
  }
  say(ABSENT);
  return null;
}
