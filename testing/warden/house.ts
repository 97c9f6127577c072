import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createStanding, type Standing } from '#gateway/callers';
import { graphqlTarget } from '#gateway/providers/graphql';
import { httpTarget } from '#gateway/providers/http';
import { createUpstreams } from '#gateway/upstream';
import { sealGenesis } from '#lib/authority';
import { connect, connectHot, type Db, listen, transact } from '#lib/db';
import { adminUrl, freshDatabase, type TestDatabase } from '#testing/database';
import { type Road, road } from '#testing/network';
import { SIGN, type Signer, signer } from '#testing/people';
import { appendGenesis, createAuthorityKeeper } from '#warden/authority';
import { recordedAlarms } from '#warden/pulse';
import { createTargets } from '#warden/targets';
import { tokenParts } from '#warden/tokens';
import { openVault } from '#warden/vault';
import { createSampleDatabase, type SampleFacts } from '../../scripts/sample.mjs';
import type { Warden } from '../../warden/context';
import { createGateway } from '../../warden/gateway';

/*
 * Only for tests: a warden that was set up by its first owner, over a real
 * database, with a gateway that listens.
 */

export interface House {
  readonly warden: Warden;
  readonly recorded: ReturnType<typeof recordedAlarms>;
  readonly database: TestDatabase;
  /** Between the warden and its own database. */
  readonly wire: Road;
  /** The tables' owner: what a thief of the database can do. */
  readonly owner: Db;
  /** The web role: what a thief of the web server can do. */
  readonly web: Db;
  readonly ada: Signer;
  /** What the gateway remembers. */
  readonly standing: Standing;
  /** Origins of providers that sent their secret back. */
  readonly leaks: readonly string[];
  /** The warden's directory. */
  readonly dir: string;
  /** A warden as after a restart: same directory, nothing remembered. */
  restarted(): Warden;
  close(): Promise<void>;
}

export async function openHouse({ gatewayOrigin }: { readonly gatewayOrigin?: string } = {}): Promise<House> {
  const database = await freshDatabase();
  const dir = mkdtempSync(join(tmpdir(), 'countersign-warden-'));
  const url = new URL(database.wardenUrl);
  const wire = await road(Number(url.port));
  url.port = String(wire.port);
  const db = connect(url.href);
  const listener = listen(url.href);
  const recorded = recordedAlarms(() => new Date());
  const port = await freePort();
  const leaks: string[] = [];
  const origin = gatewayOrigin ?? `http://localhost:${port}`;
  const build = (): Warden => wardenOf({ db, listener, dir, origin, recorded, leaks });
  const warden = build();
  const hot = connectHot(url.href);
  const standing = createStanding({ ...warden, hot, tokenKey: warden.vault.publicKey, gatewayOrigin: origin });
  const gateway = createGateway(warden, standing, { forwardAuthProxies: ['127.0.0.1', '::1'] });
  gateway.server.listen(port, '127.0.0.1');
  const ada = await signer('Ada');
  await setUp(warden, ada);
  const [owner, web] = [connect(database.ownerUrl), connect(database.webUrl)];
  return {
    warden,
    recorded,
    database,
    wire,
    owner,
    web,
    ada,
    standing,
    leaks,
    dir,
    restarted: build,
    async close() {
      await gateway.stop();
      gateway.server.closeAllConnections();
      gateway.server.close();
      await standing.stop();
      await Promise.all([listener.close(), warden.targets.close(), warden.upstreams.close(), hot.close()]);
      await Promise.all([db, owner, web].map((each) => each.$disconnect()));
      rmSync(dir, { recursive: true });
    },
  };
}

function wardenOf(
  parts: Pick<Warden, 'db' | 'listener'> & {
    dir: string;
    origin: string;
    recorded: ReturnType<typeof recordedAlarms>;
    leaks: string[];
  },
): Warden {
  const { db, listener, dir, origin, recorded, leaks } = parts;
  const vault = openVault(dir);
  const upstreams = createUpstreams({ gatewayOrigin: origin, onLeak: (leaking) => leaks.push(leaking) });
  return {
    db,
    listener,
    vault,
    authority: createAuthorityKeeper(vault, SIGN),
    alarms: recorded.alarms,
    upstreams,
    targets: createTargets({
      upstreams,
      providers: { graphql: graphqlTarget, http: httpTarget },
      token: tokenParts({ db, signingKey: vault.signingKey, issuer: origin }),
    }),
    signing: SIGN,
    origins: { web: 'http://localhost:3000', sign: SIGN.origin, gateway: origin },
    sampleFile: null,
    log: pino({ level: 'silent' }),
  };
}

export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function setUp(warden: Warden, { human, key }: Signer): Promise<void> {
  await transact(warden.db, async (tx, now) => {
    const genesis = {
      type: 'countersign/statement',
      version: 1,
      kind: 'installation.set_up',
      installation: randomBytes(8).toString('hex'),
      rpId: SIGN.rpId,
      issuedAt: now.toISOString(),
      human,
      enrolled: key,
    } as const;
    const hash = await appendGenesis(tx, now, genesis, { transports: [], counter: 0n });
    warden.vault.writePin({ genesis: sealGenesis(genesis), head: { seq: 1, hash } });
  });
}

/** A booking company of the test's own, with a broker made the right way. */
export function sampleCompany(): Promise<SampleFacts> {
  const id = randomBytes(5).toString('hex');
  return createSampleDatabase(adminUrl(), { database: `sample_${id}`, owner: `owner_${id}`, broker: `broker_${id}` });
}
