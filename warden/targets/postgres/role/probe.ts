import type { PostgresConfig } from '#lib/targets';
import type { Prepared, Proof } from '../../driver';
import { ownRole } from '../catalog/quote';
import { type Broker, connectAs } from '../connection/connection';
import { codeOf, said } from '../connection/errors';

const REFUSED = ['28P01', '28000'];

/** Knocks with the dead credential, then asks the catalogue. Dead only where both say so (P5). */
export async function probe(broker: Broker, prepared: Prepared): Promise<Proof> {
  const role = ownRole(prepared.reference);
  const knocked = await knock(broker.config, prepared);
  const listed = await broker
    .run((client) => client.query<Listed>(LISTED, [role]))
    .then(
      ({ rows }) => proofFrom(role, rows[0]),
      (error: unknown) => unknown(error),
    );
  return { dead: knocked.dead && listed.dead, lines: [...knocked.lines, ...listed.lines] };
}

/** Only a refusal of this very login counts. No answer, or "too many clients", proves nothing. */
async function knock(config: PostgresConfig, { reference, secret }: Prepared): Promise<Proof> {
  try {
    await connectAs(config, { user: reference, password: secret }, async () => undefined);
    return { dead: false, lines: [`${reference} could still log in.`] };
  } catch (error) {
    const code = codeOf(error);
    if (code !== undefined && REFUSED.includes(code))
      return { dead: true, lines: [`The server refused the login of ${reference} (SQLSTATE ${code}).`] };
    return {
      dead: false,
      lines: [
        `Nothing is proven: the login of ${reference} could not be tried: ${said(error).replaceAll(secret, '…')}.`,
      ],
    };
  }
}

interface Listed {
  readonly roles: number;
  /** Of these, such as may log in. */
  readonly logins: number;
  readonly sessions: number;
  readonly parked: number;
}

const LISTED = `
SELECT (SELECT count(*)::int FROM pg_catalog.pg_roles WHERE rolname = $1) AS roles,
  (SELECT count(*)::int FROM pg_catalog.pg_roles WHERE rolname = $1 AND rolcanlogin) AS logins,
  (SELECT count(*)::int FROM pg_catalog.pg_stat_activity WHERE usename = $1) AS sessions,
  (SELECT count(*)::int FROM pg_catalog.pg_prepared_xacts WHERE owner = $1) AS parked`;

function proofFrom(role: string, listed: Listed | undefined): Proof {
  if (listed === undefined) return unknown(new Error('no answer'));
  const line = (count: number, thing: string): string =>
    count === 0 ? `The catalogue holds no ${thing} of ${role}.` : `The catalogue still holds a ${thing} of ${role}.`;
  const isLockedOut = listed.roles > 0 && listed.logins === 0;
  return {
    dead: listed.logins + listed.sessions + listed.parked === 0,
    lines: [
      isLockedOut ? `The catalogue lets ${role} log in no more.` : line(listed.roles, 'role'),
      line(listed.sessions, 'session'),
      line(listed.parked, 'prepared transaction'),
    ],
  };
}

const unknown = (error: unknown): Proof => ({ dead: false, lines: [`Nothing is proven: ${said(error)}`] });
