import { type Authority, type ChainRow, chainHash, changeRefusal, extend, type Pin, replay } from '#lib/authority';
import { type Body, type Cast, rowOf, statementOf, VERIFIER } from './chain';

/*
 * Only for tests: a chain that grows as people sign.
 */

export interface GrownChain {
  /** As of the last entry. */
  readonly authority: Authority;
  /** The pin of its first entry. */
  readonly first: Pin;
  /** One more entry, as this person signs it. */
  sign(by: Cast, body: Body): Promise<void>;
  add(row: ChainRow): Promise<void>;
  /** Why this person may not sign this now; null where they may. */
  refusal(by: Cast, body: Body): string | null;
  /** What a warden finds that reads it all anew. */
  replayed(): Promise<Authority>;
}

export async function chainFrom(genesis: string): Promise<GrownChain> {
  const first: Pin = { genesis, head: { seq: 1, hash: chainHash(genesis) } };
  const rows: ChainRow[] = [
    { seq: 1, hash: first.head.hash, kind: 'installation.set_up', statement: genesis, assertion: null },
  ];
  let authority = await replay(first, rows, VERIFIER);
  const add = async (row: ChainRow): Promise<void> => {
    authority = await extend(authority, row, VERIFIER);
    rows.push(row);
  };
  return {
    get authority() {
      return authority;
    },
    first,
    add,
    sign: (by, body) => add(rowOf(by, authority, body)),
    refusal: (by, body) => changeRefusal(authority, statementOf(by, authority.head.hash, body)),
    replayed: () => replay({ ...first, head: authority.head }, rows, VERIFIER),
  };
}
