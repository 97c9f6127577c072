import { DomainError } from '#lib/core';
import { type Db, type Tx, transact } from '#lib/db';
import { startSession } from './sessions';

/** The claims of an ID token that was verified. */
export interface OidcClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
}

const refused = (why: string): DomainError =>
  new DomainError('unauthenticated', 'Sign-in did not work. Ask an owner whether you are invited.', {
    cause: new Error(why),
  });

/**
 * Starts a session for the active person that this provider's subject is linked
 * to, and returns its id. A verified e-mail address makes the link at the first
 * sign-in; from then on only the subject counts, so that an address which the
 * provider gives to somebody else opens no session. Throws `unauthenticated` for
 * whom nobody invited: no person is created here.
 */
export function signInWithOidc(db: Db, claims: OidcClaims, userAgent: string): Promise<string> {
  return transact(db, async (tx, now) => {
    const humanId = (await linked(tx, claims)) ?? (await link(tx, claims));
    const { issuer, subject } = claims;
    return startSession(tx, now, { humanId, method: 'oidc', userAgent, proof: { issuer, subject } });
  });
}

async function linked(tx: Tx, { issuer, subject }: OidcClaims): Promise<string | null> {
  const found = await tx.oidcLink.findUnique({
    where: { issuer_subject: { issuer, subject } },
    include: { human: true },
  });
  if (found !== null && found.human.state !== 'active') throw refused('the person is not active');
  return found?.humanId ?? null;
}

async function link(tx: Tx, { issuer, subject, email, emailVerified }: OidcClaims): Promise<string> {
  if (email === null || !emailVerified) throw refused('no verified e-mail address');
  const people = await tx.$queryRaw<Array<{ id: string }>>`
    SELECT id FROM humans WHERE lower(email) = lower(${email}) AND state = 'active'`;
  const [human, another] = people;
  if (human === undefined || another !== undefined) throw refused('the e-mail address names no one active person');
  const other = await tx.oidcLink.findFirst({ where: { issuer, humanId: human.id } });
  if (other !== null) throw refused('that person is linked to another subject of this provider');
  await tx.oidcLink.create({ data: { issuer, subject, humanId: human.id } });
  return human.id;
}
