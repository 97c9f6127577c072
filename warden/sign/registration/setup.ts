import { sealGenesis } from '#lib/authority';
import { iso, newId, randomToken, refuse } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import type { Genesis, Registration } from '#lib/statement';
import { appendGenesis } from '#warden/authority';
import type { Warden } from '../../context';
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
  readonly publicKey: string;
  readonly back: string;
}

/**
 * Second half: the first entry and its pin. The pin is on disk before the entry
 * commits: cut off between the two, there is a pin without an entry, and
 * `needsSetup` lets it be done again. The other way round there would be an
 * installation that no warden knows.
 */
export async function finishSetup(
  warden: Warden,
  setup: Setup,
  input: { readonly code: string; readonly draft: string; readonly registration: Registration; readonly label: string },
): Promise<KeyMade> {
  setup.check(input.code);
  const made = await transact(warden.db, async (tx, now) => {
    if (!(await needsSetup(warden, tx))) refuse('already_decided', DONE);
    const registered = await finishRegistration(tx, now, warden, { ...input, purpose: 'register.setup' });
    const first = genesis(warden, now, registered);
    const hash = await appendGenesis(tx, now, first, registered.found);
    warden.vault.writePin({ genesis: sealGenesis(first), head: { seq: 1, hash } });
    return registered;
  });
  setup.done();
  return { class: made.enrolled.class, publicKey: made.enrolled.publicKey, back: `${warden.origins.web}/sign-in` };
}

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
