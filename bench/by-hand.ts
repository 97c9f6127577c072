import pg from 'pg';
import { newId } from '#lib/core';
import { connect } from '#lib/db';
import { challengeOf, verifyAssertion } from '#lib/statement';
import { together } from './measure';
import type { World } from './world';

/*
 * What the same work costs somebody who sits at the databases with everything open and checks nothing: the bare parts
 * that no product could leave out.
 */

export interface ByHand {
  /** One row, on disk. */
  commit(): Promise<void>;
  /** One look at the target's catalogue, and a commit of which another connection hears. */
  look(): Promise<void>;
  /** Of the first approval on record. */
  checkSignature(): Promise<void>;
  /** A role that may read and change bookings. Returns its name. */
  mint(): Promise<string>;
  /** A session of that role. */
  login(role: string): Promise<pg.Client>;
  drop(role: string): Promise<void>;
  close(): Promise<void>;
}

const AT_ONCE = 16;
const LOOK = `SELECT c.oid, c.reltuples, c.relacl::text, has_table_privilege(c.oid, 'UPDATE WITH GRANT OPTION') AS may
  FROM pg_class c WHERE c.oid = 'public.bookings'::regclass`;

export async function byHand({ urls, sample, sign }: World): Promise<ByHand> {
  const store = new pg.Pool({ connectionString: urls.owner, max: AT_ONCE });
  const broker = new pg.Pool({ ...sample, max: AT_ONCE });
  const change = inTurn();
  const hearing = await listener(urls.owner);
  await store.query('CREATE TABLE IF NOT EXISTS bare (body text)');
  // Opened before any clock runs.
  for (const pool of [store, broker]) await together(AT_ONCE, AT_ONCE, () => pool.query('SELECT pg_sleep(0.05)'));
  let signature: Awaited<ReturnType<typeof recordedSignature>> | null = null;
  return {
    commit: async () => void (await store.query('INSERT INTO bare VALUES ($1)', ['x'.repeat(500)])),
    async look() {
      await broker.query(LOOK);
      const id = newId('req');
      const heard = hearing.of(id);
      await store.query(`BEGIN; INSERT INTO bare VALUES ('${id}'); NOTIFY bare, '${id}'; COMMIT`);
      await heard;
    },
    async checkSignature() {
      signature ??= await recordedSignature(urls.owner, sign);
      await verifyAssertion(signature);
    },
    async mint() {
      const role = `bench_${newId('grn')}`;
      await change(() =>
        broker.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x' VALID UNTIL 'infinity'; GRANT CONNECT ON DATABASE ${sample.database} TO ${role};
         GRANT SELECT, UPDATE ON public.bookings TO ${role}; GRANT USAGE ON SCHEMA public TO ${role};
         GRANT ${role} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`),
      );
      return role;
    },
    login: (role) => openSession({ ...sample, user: role, password: 'x' }),
    async drop(role) {
      await change(() => broker.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
    },
    close: async () => void (await Promise.all([store.end(), broker.end(), hearing.close()])),
  };
}

/**
 * One change of access lists after another, and again where another's change was met: PostgreSQL refuses two at once
 * ("tuple concurrently updated"), so whoever sits there by hand takes turns as well.
 */
function inTurn(): (work: () => Promise<unknown>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  const trying = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('tuple concurrently')) throw error;
      await trying(work);
    }
  };
  return (work) => {
    const next = last.then(() => trying(work));
    last = next.catch(() => undefined);
    return next;
  };
}

/** A session that may be cut from the other side. */
export async function openSession(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** With a credential as it was handed out. */
export const sessionOf = (credential: { readonly url: string }): Promise<pg.Client> =>
  openSession({ connectionString: credential.url.replace(/\?.*$/, '') });

/** Resolves when the server has cut the session. */
export const cutOf = (client: pg.Client): Promise<void> =>
  new Promise((resolve) => client.once('end', () => resolve()));

async function listener(url: string): Promise<{ of(id: string): Promise<void>; close(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
  const waiting = new Map<string, () => void>();
  await client.connect();
  await client.query('LISTEN bare');
  client.on('notification', ({ payload = '' }) => waiting.get(payload)?.());
  return {
    of: (id) => new Promise((resolve) => void waiting.set(id, resolve)),
    close: () => client.end(),
  };
}

async function recordedSignature(ownerUrl: string, sign: string): Promise<Parameters<typeof verifyAssertion>[0]> {
  const db = connect(ownerUrl, { max: 1 });
  const { assertion, statement, keyId } = await db.approval.findFirstOrThrow();
  const { credentialId, publicKey } = await db.key.findUniqueOrThrow({ where: { id: keyId } });
  await db.$disconnect();
  return {
    assertion: assertion as never,
    authenticator: { credentialId, publicKey, counter: 0n } as never,
    challenge: challengeOf(statement),
    relyingParty: { origin: sign, rpId: 'localhost' },
  };
}
