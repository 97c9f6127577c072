import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  babble,
  breakOff,
  endWith,
  type Fault,
  type FaultyServer,
  faultyServer,
  freshDatabase,
  hangUp,
  reset,
} from '#testing/database';
import { connect, connectHot, type Db, type Hot, isUnreachable, transact } from './index';

/* A database that really goes away: each way of asking it, at each moment it can break, in each way it can break. */

let webUrl: string;
let server: FaultyServer;
let db: Db;
let hot: Hot;

beforeAll(async () => {
  ({ webUrl } = await freshDatabase());
});
beforeEach(async () => {
  server = await faultyServer(Number(new URL(webUrl).port));
  [db, hot] = [connect(server.urlOf(webUrl)), connectHot(server.urlOf(webUrl))];
});
afterEach(async () => {
  await Promise.all([db.$disconnect(), hot.close()]);
  await server.close();
});

const ONE = { name: 'one', text: 'SELECT 1' };

const everyWay = (): Promise<unknown>[] => [
  hot.rows(ONE, []),
  db.$queryRaw`SELECT 1`,
  db.agent.findFirst(),
  transact(db, async (tx) => tx.agent.findFirst()),
];

async function withOpenConnections(): Promise<void> {
  await Promise.all([...everyWay(), ...everyWay()]);
}

/** What each way of asking says to a fault, by the moment at which it strikes. */
const MOMENTS: Readonly<Record<string, (fault: Fault) => Promise<Promise<unknown>[]>>> = {
  'while a connection is opened': async (fault) => {
    server.failOpening(fault);
    return everyWay();
  },
  'as it is asked': async (fault) => {
    await withOpenConnections();
    server.failSending(fault);
    return everyWay();
  },
  'before it is asked': async (fault) => {
    await withOpenConnections();
    server.failOpening(fault);
    server.failOpen(fault);
    return everyWay();
  },
  'within a transaction': async (fault) => [
    transact(db, async (tx) => {
      await tx.agent.findFirst();
      server.failSending(fault);
      await tx.agent.findFirst();
    }),
  ],
  'as a transaction commits': async (fault) => [
    transact(db, async (tx) => {
      await tx.agent.findFirst();
      server.failSending(fault);
    }),
  ],
};

const FAULTS: Readonly<Record<string, Fault>> = {
  'hangs up': hangUp,
  'resets the connection': reset,
  'breaks off within a message': breakOff,
  'answers in another protocol': babble,
  'is shut down': endWith('57P01'),
  crashed: endWith('57P02'),
  'still starts': endWith('57P03'),
  'ends idle sessions': endWith('57P05'),
  'has too many clients': endWith('53300'),
  'has no memory': endWith('53200'),
  'is a pooler that gives up': endWith('08P01'),
  'refuses the login': endWith('28P01'),
  'refuses the role': endWith('28000'),
  'has no such database': endWith('3D000'),
  'cannot read its files': endWith('58030'),
  'ends a transaction that waits': endWith('25P03'),
  'ends the session for a reason of its own': endWith('XX000'),
};

describe.each(Object.entries(FAULTS))('A database that %s is known to be away', (_, fault) => {
  test.each(Object.entries(MOMENTS))('%s', async (__, strike) => {
    for (const asked of await Promise.allSettled(await strike(fault))) {
      const error = asked.status === 'rejected' ? asked.reason : 'It answered.';
      expect(isUnreachable(error), `not recognised: ${String(error)}`).toBe(true);
    }
  });
});
