import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { base64url, sha256Base64url } from '#lib/core';
import { connect, type Db, listen, transact } from '#lib/db';
import { issueTicket, type TicketAsk } from '#lib/identity';
import { challengeOf } from '#lib/statement';
import { freshDatabase } from '#testing/database';
import { type GatewayKeys, makeGatewayKeys } from '#testing/gateway';
import type { Ceremony, SoftKey } from '#testing/security-key';
import { createAlarms } from '#warden/alarms';
import { createAuthorityCache } from '#warden/authority';
import { createGateways, startPublisher } from '#warden/head';
import { createMakers } from '#warden/makers';
import { createSignServer } from '#warden/sign';
import { createTargets } from '#warden/targets';
import { tokenParts } from '#warden/tokens';
import { openSignVault, openVault } from '#warden/vault';
import type { SignWarden } from '../../warden/context';

/*
 * Only for tests: a sign origin that listens over a real database, and people
 * who use it through its own calls.
 */

/** What a page on the sign origin gets back. */
export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly code?: string; readonly detail?: string };
}

export interface SignOrigin {
  readonly warden: SignWarden;
  readonly owner: Db;
  readonly web: Db;
  /** The gateway's way into the database, and its folders. */
  readonly gatewayUrl: string;
  readonly wardenUrl: string;
  /** The server's own administrator: what somebody can do who restores a backup. */
  readonly adminUrl: string;
  readonly keys: GatewayKeys;
  readonly origin: string;
  readonly home: { readonly origin: string; readonly rpId: string };
  /** The folder of makers' roots, which only who runs the warden can write to. */
  readonly makersDir: string;
  /** Links as the terminal would show them. */
  readonly links: string[];
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** A ticket as web hands it out. */
  ticket(humanId: string, ask: TicketAsk): Promise<string>;
  /** A warden as after a restart: same folder, nothing remembered. */
  restarted(): SignWarden;
  close(): Promise<void>;
}

const silent = () =>
  createAlarms(
    () => undefined,
    () => new Date(),
  );

interface WardenParts extends Pick<SignWarden, 'db' | 'listener' | 'signing' | 'origins' | 'sampleFile'> {
  readonly wardenDir: string;
  readonly publicDir: string;
  readonly makersDir: string;
}

function newWarden({ wardenDir, publicDir, makersDir, ...given }: WardenParts): SignWarden {
  const { db, signing, origins } = given;
  const vault = openVault(wardenDir);
  const alarms = silent();
  const parts = tokenParts({
    db,
    signingKey: vault.signingKey,
    issuer: origins.agent,
    gatewayOrigin: origins.gateway,
  });
  return {
    ...given,
    vault,
    alarms,
    signVault: openSignVault(wardenDir),
    authority: createAuthorityCache(vault, signing),
    gateways: createGateways({ file: join(publicDir, 'gateway.pem'), alarms }),
    targets: createTargets(parts),
    makers: createMakers({
      ...{ rootsDir: makersDir, metadataFile: join(makersDir, 'fido-metadata.jwt') },
      ...{ seenFile: join(wardenDir, 'fido-metadata-seen.json'), alarms },
    }),
    log: pino({ level: 'silent' }),
  };
}

/** Posts as the signing page does. The origin is known only once it listens. */
const poster =
  (origins: { readonly sign: string }): SignOrigin['post'] =>
  async (path, body, headers = {}) => {
    const response = await fetch(origins.sign + path, {
      method: 'POST',
      headers: { origin: origins.sign, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  };

export async function openSignOrigin({
  sampleFile = null,
  pages = 'no pages',
}: {
  readonly sampleFile?: string | null;
  readonly pages?: string;
} = {}): Promise<SignOrigin> {
  const database = await freshDatabase();
  const root = mkdtempSync(join(tmpdir(), 'countersign-sign-'));
  const wardenDir = join(root, 'warden');
  const makersDir = join(root, 'makers');
  for (const dir of [wardenDir, makersDir]) mkdirSync(dir);
  const keys = makeGatewayKeys(root, openVault(wardenDir).signingKey);
  const [db, owner, web] = [connect(database.wardenUrl), connect(database.ownerUrl), connect(database.webUrl)];
  const listener = listen(database.wardenUrl);
  const links: string[] = [];
  const origins = {
    web: 'http://localhost:3000',
    sign: '',
    agent: 'http://localhost:3300',
    gateway: 'http://localhost:3200',
  };
  const signing = { origin: '', rpId: 'localhost' };
  const dirs = { wardenDir, makersDir, publicDir: keys.publicDir };
  const build = () => newWarden({ db, listener, signing, origins, sampleFile, ...dirs });
  const warden = build();
  const publisher = startPublisher(warden);
  const server = createSignServer(warden, { announce: (url) => links.push(url), pages });
  // The port is known only once it listens; the first link waits for it.
  server.prependOnceListener('listening', () => {
    origins.sign = signing.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    warden,
    owner,
    web,
    gatewayUrl: database.gatewayUrl,
    wardenUrl: database.wardenUrl,
    adminUrl: database.adminUrl,
    keys,
    makersDir,
    links,
    origin: signing.origin,
    home: signing,
    post: poster(origins),
    ticket: (humanId, ask) => transact(web, (tx, now) => issueTicket(tx, now, humanId, ask)),
    restarted: build,
    async close() {
      server.closeAllConnections();
      server.close();
      await publisher.stop();
      await Promise.all([listener.close(), warden.targets.close()]);
      await Promise.all([db, owner, web].map((each) => each.$disconnect()));
      rmSync(root, { recursive: true });
    },
  };
}

/** Somebody with a key that the chain knows. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly key: SoftKey;
}

/** The first owner, through the page's own calls. Where nobody proved the key, they accept such keys, if not said otherwise. */
export async function setUp(
  signOrigin: SignOrigin,
  key: SoftKey,
  name = 'Ada',
  answer: { readonly acceptsClaimed?: boolean } = { acceptsClaimed: true },
): Promise<Member> {
  const code = await setupCode(signOrigin);
  const begun = await signOrigin.post('/api/setup/begin', { code, name, email: `${name.toLowerCase()}@example.com` });
  const { options, draft } = begun.body as unknown as { options: { challenge: string }; draft: string };
  const finished = await signOrigin.post('/api/setup/finish', {
    code,
    draft,
    label: 'Blue key',
    registration: key.register(options.challenge),
    ...answer,
  });
  if (finished.status !== 200) throw new Error(JSON.stringify(finished.body));
  const human = await signOrigin.warden.db.human.findFirstOrThrow({ where: { name } });
  return { id: human.id, name, key };
}

export async function setupCode({ links }: SignOrigin): Promise<string> {
  while (links.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return links.at(-1)?.split('#')[1] ?? '';
}

/** Somebody invited, registered, and confirmed with an owner's key. */
export async function admit(
  signOrigin: SignOrigin,
  by: Member,
  name: string,
  role: 'owner' | 'approver' | 'reviewer',
  key: SoftKey,
): Promise<Member> {
  const id = await register(signOrigin, by, name, role, key);
  const reply = await signTicket(signOrigin, by, { kind: 'human.admit', params: { humanId: id } });
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
  return { id, name, key };
}

/** Somebody invited and registered, whom nobody has confirmed. */
export async function register(
  signOrigin: SignOrigin,
  by: Member,
  name: string,
  role: string,
  key: SoftKey,
): Promise<string> {
  const code = base64url(randomBytes(32));
  const email = `${name.toLowerCase()}@example.com`;
  await signOrigin.web.invitation.create({
    data: {
      id: `inv_${randomBytes(10).toString('hex')}`,
      codeHash: sha256Base64url(code),
      name,
      email,
      role,
      invitedBy: by.id,
      expiresAt: new Date(Date.now() + 3_600_000),
    },
  });
  const { options, draft } = (await signOrigin.post('/api/invite/begin', { code })).body as unknown as {
    options: { challenge: string };
    draft: string;
  };
  const reply = await signOrigin.post('/api/invite/finish', {
    code,
    draft,
    label: `${name}’s key`,
    registration: key.register(options.challenge),
  });
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
  return (await signOrigin.warden.db.human.findFirstOrThrow({ where: { email } })).id;
}

export interface Offered {
  readonly draft: string;
  readonly statement: string;
  readonly keys: readonly { readonly id: string; readonly class: string }[];
  readonly keyId: string;
  readonly back: string;
}

/** What the review page gets for a ticket. */
export async function offered(signOrigin: SignOrigin, who: Member, ask: TicketAsk): Promise<Offered> {
  const reply = await signOrigin.post('/api/ticket', { ticket: await signOrigin.ticket(who.id, ask) });
  if (reply.status !== 200) throw Object.assign(new Error(JSON.stringify(reply.body)), { reply });
  return (reply.body as unknown as { offer: Offered }).offer;
}

export const submit = (
  signOrigin: SignOrigin,
  { draft, statement }: Offered,
  key: SoftKey,
  how: Ceremony = {},
): Promise<Reply> =>
  signOrigin.post('/api/sign', { draft, assertion: key.assert(base64url(challengeOf(statement)), how) });

/** Ticket to signature, as an honest person does it. */
export async function signTicket(
  signOrigin: SignOrigin,
  who: Member,
  ask: TicketAsk,
  how: Ceremony = {},
): Promise<Reply> {
  const reply = await signOrigin.post('/api/ticket', { ticket: await signOrigin.ticket(who.id, ask) });
  return reply.status === 200
    ? submit(signOrigin, (reply.body as unknown as { offer: Offered }).offer, who.key, how)
    : reply;
}
