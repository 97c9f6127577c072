import { modelName } from '#lib/attestation';
import { sealGenesis } from '#lib/authority';
import { iso, newId, randomToken, refuse } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import type { Genesis, KeyFacts, Registration } from '#lib/statement';
import { appendGenesis } from '#warden/changes';
import type { SignWarden, Warden } from '../../context';
import { grouped, keyOf, newCode } from '../recovery/code';
import { beginRegistration, finishRegistration, Person, type Registered } from './registration';
import { needsSetup, type Setup } from './setup-code';

const DONE = 'Countersign is set up already. Sign in at the console.';

/** First half of the first key: the code holds, and nobody was here before. */
export async function beginSetup(
  warden: Warden,
  setup: Setup,
  input: { readonly code: string; readonly name: string; readonly email: string },
) {
  setup.check(input.code);
  if (!(await needsSetup(warden, warden.db))) refuse('already_decided', DONE);
  const { name, email } = input;
  const person = Person.parse({ id: newId('hum'), name, email, role: 'owner' });
  return beginRegistration(warden, await databaseNow(warden.db), 'register.setup', { person, exclude: [] });
}

/** What a new key is, for the page to say. */
export interface KeyMade {
  readonly class: string;
  /** How old FIDO's metadata is here, in a sentence. */
  readonly metadata: string;
  /** What it calls the key's model, or null. */
  readonly model: string | null;
  /** Why nobody proved that it is hardware, or null. */
  readonly unproven: string | null;
  readonly publicKey: string;
  /** Whether production here takes keys that nobody proved. Null where that is not asked now. */
  readonly acceptsClaimed: boolean | null;
  /** The founder's, shown this once and kept nowhere; null for everybody else. */
  readonly recoveryCode: string | null;
  readonly back: string;
}

/**
 * Second half: the first entry and its pin. The pin is on disk before the entry
 * commits: cut off between the two, there is a pin without an entry, and
 * `needsSetup` lets it be done again. The other way round there would be an
 * installation that no warden knows. A founder whose key nobody proved says once
 * whether production takes such keys; until then the challenge is not used up, so
 * the same registration is handed in again with the answer.
 */
export async function finishSetup(
  warden: SignWarden,
  setup: Setup,
  input: {
    readonly code: string;
    readonly draft: string;
    readonly registration: Registration;
    readonly label: string;
    readonly acceptsClaimed?: boolean | undefined;
  },
): Promise<KeyMade> {
  setup.check(input.code);
  const made = await transact(warden.db, async (tx, now) => {
    if (!(await needsSetup(warden, tx))) refuse('already_decided', DONE);
    const registered = await finishRegistration(tx, now, warden, { ...input, purpose: 'register.setup' });
    const { enrolled, unproven } = registered;
    if (enrolled.class === 'claimed' && input.acceptsClaimed === undefined)
      refuse('precondition_required', `Nobody proved that this key is hardware. ${unproven ?? ''} ${UNANSWERED}`);
    const code = newCode();
    const answered = { acceptsClaimed: input.acceptsClaimed ?? false, recovery: recoveryFacts(code) };
    const first = { ...genesis(warden, now, registered), ...answered };
    const hash = await appendGenesis(tx, now, first, registered.found);
    warden.vault.writePin({ genesis: sealGenesis(first), head: { seq: 1, hash } });
    return { ...registered, acceptsClaimed: first.acceptsClaimed, recoveryCode: grouped(code) };
  });
  setup.done();
  const { enrolled, unproven, acceptsClaimed, recoveryCode } = made;
  const back = `${warden.origins.web}/sign-in`;
  return { ...describeKey(warden, enrolled), unproven, acceptsClaimed, recoveryCode, back };
}

/** The public key of the code, in the shape of any other key. */
function recoveryFacts(code: string): KeyFacts {
  const { publicKey, credentialId } = keyOf(code);
  const none = '00000000-0000-0000-0000-000000000000';
  return { id: newId('key'), credentialId, publicKey, class: 'claimed', aaguid: none, label: 'Recovery code' };
}

/** What the page says of a new key, whoever's it is. */
export const describeKey = (
  { makers }: SignWarden,
  { class: kind, aaguid, publicKey }: KeyFacts,
): Pick<KeyMade, 'class' | 'publicKey' | 'model' | 'metadata'> => ({
  class: kind,
  publicKey,
  model: modelName(makers.current(), aaguid),
  metadata: makers.words(),
});

const UNANSWERED = 'Say with `acceptsClaimed` whether production takes such keys here.';

const genesis = ({ signing, gateways }: Warden, now: Date, { person, enrolled }: Registered): Genesis => ({
  type: 'countersign/statement',
  version: 1,
  kind: 'installation.set_up',
  installation: randomToken(12),
  rpId: signing.rpId,
  issuedAt: iso(now),
  human: person,
  enrolled,
  gateway: gateways.thumbprint() ?? refuse('minting_stopped', NO_GATEWAY),
});

const NO_GATEWAY =
  'The gateway’s public key is not where the warden looks for it (PUBLIC_DIR/gateway.pem). Start Countersign with its starter, or put it there.';
