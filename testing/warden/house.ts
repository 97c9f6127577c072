import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { sealGenesis } from '#lib/authority';
import { connect, type Db, databaseNow, listen, transact } from '#lib/db';
import { openApiDocument } from '#lib/http/openapi';
import { freePorts } from '#scripts/installation';
import { adminUrl, freshDatabase, type TestDatabase } from '#testing/database';
import { type CopyParts, type GatewayKeys, makeGatewayKeys, openCopy, type TestCopy } from '#testing/gateway';
import { type TcpProxy, tcpProxy } from '#testing/network';
import { SIGN, type Signer, signer } from '#testing/people';
import { createApiServer } from '#warden/api';
import { createAuthorityCache } from '#warden/authority';
import { appendGenesis } from '#warden/changes';
import { startUses } from '#warden/ending';
import { createGateways, startPublisher } from '#warden/head';
import { type Results, startOrders } from '#warden/issuer';
import { createMakers } from '#warden/makers';
import { startLooks } from '#warden/preview';
import { recordedAlarms } from '#warden/pulse';
import { startResults } from '#warden/results';
import { createTargets } from '#warden/targets';
import { tokenParts } from '#warden/tokens';
import { openSignVault, openVault } from '#warden/vault';
import { createSampleDatabase, type SampleFacts } from '../../scripts/sample.mjs';
import type { SignWarden, Warden } from '../../warden/context';

/*
 * Only for tests: a warden that was set up by its first owner, over a real
 * database, with a gateway that listens.
 */

export interface House {
  readonly warden: Warden;
  readonly results: Results;
  readonly recorded: ReturnType<typeof recordedAlarms>;
  readonly database: TestDatabase;
  /** Between warden and gateway and their database. */
  readonly wire: TcpProxy;
  /** The tables' owner: what a thief of the database can do. */
  readonly owner: Db;
  /** The web role: what a thief of the web server can do. */
  readonly web: Db;
  readonly ada: Signer;
  readonly origins: { readonly web: string; readonly sign: string; readonly agent: string; readonly gateway: string };
  /** The copy of the gateway that listens at `origins.gateway`. */
  readonly copy: TestCopy;
  /** What that copy holds. */
  readonly gateway: TestCopy['gateway'];
  readonly keys: GatewayKeys;
  /** What the warden publishes for the gateway; paused, a warden that is down. */
  readonly publisher: { pause(): Promise<void>; resume(): void };
  /** Another copy over the same database, at a port of its own. One of the same name is that copy after a restart. */
  anotherCopy(name?: string, more?: Partial<CopyParts>): Promise<TestCopy>;
  /** From now on nobody reads what the gateway leaves: a warden that is stuck. */
  stopAnswering(): Promise<void>;
  answerAgain(): void;
  /** Resolves once the copy knows everything that is true now. */
  settled(): Promise<void>;
  /** Resolves once all copies let pass what needs a fresh head: for tests that write, on a machine that is busy. */
  fresh(): Promise<void>;
  /** The same with what the sign origin and the pulse work with besides. */
  readonly signWarden: SignWarden;
  /** The warden's directory. */
  readonly dir: string;
  /** A warden as after a restart: same directory, nothing remembered. */
  restarted(): Warden;
  close(): Promise<void>;
}

interface HouseOptions {
  readonly gatewayOrigin?: string;
  /** Of a server of the test's own, which breaks by itself: there is no wire before it. */
  readonly database?: TestDatabase;
}

export async function openHouse({ gatewayOrigin, database: given }: HouseOptions = {}): Promise<House> {
  const database = given ?? (await freshDatabase());
  const dir = mkdtempSync(join(tmpdir(), 'countersign-warden-'));
  const wire = await tcpProxy(Number(new URL(database.wardenUrl).port));
  const overWire = given === undefined ? through(wire) : (url: string) => url;
  const db = connect(overWire(database.wardenUrl));
  const listener = listen(overWire(database.wardenUrl));
  const recorded = recordedAlarms(() => new Date());
  const [gatewayPort, agentPort] = [await freePorts(1), await freePorts(1)];
  const origins = originsAt(agentPort, gatewayOrigin ?? `http://localhost:${gatewayPort}`);
  const wardenDir = join(dir, 'warden');
  mkdirSync(wardenDir);
  const keys = makeGatewayKeys(dir, openVault(wardenDir).signingKey);
  const build = (): Warden => wardenOf({ db, listener, wardenDir, keys, origins, recorded });
  const warden = build();
  const makersDir = join(dir, 'makers');
  const files = {
    rootsDir: makersDir,
    metadataFile: join(makersDir, 'fido-metadata.jwt'),
    seenFile: join(dir, 'seen'),
  };
  const makers = createMakers({ ...files, alarms: warden.alarms });
  const signWarden = { ...warden, makers, signVault: openSignVault(wardenDir) };
  const ada = await signer('Ada');
  await setUp(warden, ada);
  const work = startWork(warden);
  const copies = copiesOf({ databaseUrl: overWire(database.gatewayUrl), keys, origins });
  const copy = await copies.open('first', gatewayPort);
  const document = { ...openApiDocument('agent', origins.agent) };
  const agents = createApiServer({ ...warden, results: work.results, document }).listen(agentPort, '127.0.0.1');
  const settled = async (): Promise<void> => {
    const now = await databaseNow(db);
    await copy.gateway.head.until((state) => state.at >= now, 5_000);
  };
  await settled();
  const [owner, web] = [connect(database.ownerUrl), connect(database.webUrl)];
  return {
    ...{ warden, signWarden, recorded, database, wire, owner, web, ada, origins, copy, keys, settled },
    ...work,
    dir: wardenDir,
    gateway: copy.gateway,
    anotherCopy: (name = 'second', more = {}) => copies.open(name, 0, more),
    fresh: () => copies.fresh(),
    restarted: build,
    async close() {
      await copies.close();
      agents.closeAllConnections();
      agents.close();
      await work.stop();
      await Promise.all([listener.close(), warden.targets.close()]);
      await Promise.all([db, owner, web].map((each) => each.$disconnect()));
      rmSync(dir, { recursive: true });
    },
  };
}

const through =
  ({ port }: TcpProxy) =>
  (plain: string): string => {
    const url = new URL(plain);
    url.port = String(port);
    return url.href;
  };

const originsAt = (agentPort: number, gateway: string): House['origins'] => ({
  web: 'http://localhost:3000',
  sign: SIGN.origin,
  agent: `http://localhost:${agentPort}`,
  gateway,
});

/** What the warden does by itself for the gateway: signs what counts, and reads what it leaves. */
function startWork(warden: Warden) {
  const answering = () => [startLooks(warden), startOrders(warden), startUses(warden)];
  const results = startResults(warden);
  let publisher: ReturnType<typeof startPublisher> | null = startPublisher(warden);
  let loops = answering();
  const stopAnswering = async (): Promise<void> => void (await Promise.all(loops.map((each) => each.stop())));
  return {
    results,
    stopAnswering,
    publisher: {
      async pause() {
        await publisher?.stop();
        publisher = null;
      },
      resume() {
        publisher ??= startPublisher(warden);
      },
    },
    answerAgain() {
      loops = answering();
    },
    async stop() {
      await Promise.all([publisher?.stop(), stopAnswering(), results.stop()]);
    },
  };
}

function copiesOf(parts: Pick<CopyParts, 'databaseUrl' | 'keys' | 'origins'>) {
  const all: TestCopy[] = [];
  return {
    async open(name: string, port: number, more: Partial<CopyParts> = {}) {
      const copy = await openCopy({ ...parts, name, port, ...more });
      all.push(copy);
      await fresh(copy);
      return copy;
    },
    async fresh() {
      await Promise.all(all.map(fresh));
    },
    async close() {
      await Promise.all(all.map((copy) => copy.close()));
    },
  };
}

/** A copy that has just started lets nothing pass until it has heard of the warden. */
async function fresh({ gateway: { head } }: TestCopy): Promise<void> {
  const until = performance.now() + 10_000;
  while (head.ageSeconds() > 1.5 && performance.now() < until) await sleep(20);
}

function wardenOf(parts: {
  readonly db: Warden['db'];
  readonly listener: Warden['listener'];
  readonly wardenDir: string;
  readonly keys: GatewayKeys;
  readonly origins: House['origins'];
  readonly recorded: House['recorded'];
}): Warden {
  const { db, listener, wardenDir, keys, origins, recorded } = parts;
  const { alarms } = recorded;
  const vault = openVault(wardenDir);
  const { signingKey } = vault;
  return {
    ...{ db, listener, vault, alarms, origins },
    authority: createAuthorityCache(vault, SIGN),
    gateways: createGateways({ file: join(keys.publicDir, 'gateway.pem'), alarms }),
    targets: createTargets(tokenParts({ db, signingKey, issuer: origins.agent, gatewayOrigin: origins.gateway })),
    signing: SIGN,
    sampleFile: null,
    log: pino({ level: 'silent' }),
  };
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
      gateway: warden.gateways.thumbprint() ?? '',
      acceptsClaimed: true,
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
