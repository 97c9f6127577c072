import { base64url } from '#lib/core';
import { type Assertion, challengeOf } from '#lib/statement';
import type { KeyMaker } from './makers';
import { type SoftKey, softKey } from './soft-key';

/*
 * People with software keys: what one does in a browser with a security key, done
 * over the very same HTTP. The server cannot tell, and nothing is switched off for it.
 */

export interface Origins {
  readonly web: string;
  readonly sign: string;
}

/** What the signing page shows for a ticket. */
export interface Offer {
  readonly draft: string;
  /** Canonical JSON: the bytes to sign. */
  readonly statement: string;
}

export interface Signed {
  readonly draft: string;
  readonly assertion: Assertion;
}

export interface Person {
  /** Makes the ticket at the console and opens it at the signing page. */
  offer(kind: string, params: object): Promise<Offer>;
  /** Touches the key. No network in it: a person takes as long as they take. */
  touch(offer: Offer): Signed;
  submit(signed: Signed): Promise<Answer>;
  /** All three. */
  sign(kind: string, params: object): Promise<void>;
  /** Registers an agent, and gets its secrets the one time they are shown. */
  register(agent: object): Promise<RegisteredAgent>;
  /** Adds a target through the signing page's form. Returns its id. */
  addTarget(target: object): Promise<string>;
  /** A call of the console, signed in. */
  console(path: string, body?: object): Promise<Answer>;
}

export interface RegisteredAgent {
  readonly id: string;
  readonly token: string;
  /** Null for an agent with a key. */
  readonly collect: string | null;
}

type Answer = Readonly<Record<string, unknown>>;
type Post = (path: string, body: object) => Promise<Answer>;

/**
 * The first owner, behind the set-up link. Where no maker vouches for their key
 * they say, as the page asks them, that production takes such keys.
 */
export async function firstOwner(origins: Origins, setupUrl: string, maker: KeyMaker | null = null): Promise<Person> {
  const key = softKey({ origin: origins.sign, rpId: 'localhost' }, {}, maker);
  const code = codeOf(setupUrl);
  const begun = { code, name: 'Ada', email: 'ada@example.com' };
  const answer = maker === null ? { acceptsClaimed: true } : {};
  const handle = await register(atSign(origins), key, { at: '/api/setup', code, begun, answer });
  return signedIn(origins, key, handle);
}

/** Somebody the owner invites and confirms. */
export async function approver(origins: Origins, owner: Person, name: string): Promise<Person> {
  const key = softKey({ origin: origins.sign, rpId: 'localhost' });
  const { url } = await owner.console('/invitations', { name, email: `${name}@example.com`, role: 'approver' });
  const code = codeOf(String(url));
  const handle = await register(atSign(origins), key, { at: '/api/invite', code, begun: { code } });
  await owner.sign('human.admit', { humanId: Buffer.from(handle, 'base64url').toString() });
  return signedIn(origins, key, handle);
}

const codeOf = (url: string): string => new URL(url).hash.slice(1);

const atSign =
  ({ sign }: Origins): Post =>
  (path, body) =>
    post(sign + path, body, { origin: sign });

/** Returns what the key is asked to remember its person by: the person's id. */
async function register(
  call: Post,
  key: SoftKey,
  {
    at,
    code,
    begun,
    answer = {},
  }: { readonly at: string; readonly code: string; readonly begun: object; readonly answer?: object },
): Promise<string> {
  const { options, draft } = await call(`${at}/begin`, begun);
  const { challenge, user } = options as { readonly challenge: string; readonly user: { readonly id: string } };
  const made = { registration: key.register(challenge), label: 'A key in software' };
  await call(`${at}/finish`, { code, draft, ...made, ...answer });
  return user.id;
}

async function signedIn(origins: Origins, key: SoftKey, handle: string): Promise<Person> {
  const { web } = origins;
  const call = atSign(origins);
  const cookie = await signIn(web, key, handle);
  const atConsole = (path: string, body: object = {}): Promise<Answer> =>
    post(`${web}/api/console${path}`, body, { origin: web, cookie });
  const ticket = async (kind: string, params: object): Promise<string> =>
    codeOf(String((await atConsole('/tickets', { kind, params }))['url']));
  const offer = (kind: string, params: object): Promise<Offer> =>
    patiently(async () => (await call('/api/ticket', { ticket: await ticket(kind, params) }))['offer'] as Offer);
  const touch = ({ draft, statement }: Offer): Signed => ({
    draft,
    assertion: key.assert(base64url(challengeOf(statement))),
  });
  const submit = (signed: Signed): Promise<Answer> => call('/api/sign', signed);
  return {
    ...{ offer, touch, submit, console: atConsole },
    sign: async (kind, params) => void (await submit(touch(await offer(kind, params)))),
    async register(agent) {
      const offered = await offer('agent.register', agent);
      const { secrets } = await submit(touch(offered));
      const { id } = (JSON.parse(offered.statement) as { readonly agent: { readonly id: string } }).agent;
      return { id, ...(secrets as { readonly agent: Omit<RegisteredAgent, 'id'> }).agent };
    },
    async addTarget(target) {
      const added = await call('/api/target/draft', { ticket: await ticket('target.add', {}), target, agent: null });
      await submit(touch(added as unknown as Offer));
      return (JSON.parse(String(added['statement'])) as { readonly targetId: string }).targetId;
    },
  };
}

/** A person who is told that the warden still looks, looks again. */
async function patiently<T>(look: () => Promise<T>, tries = 300): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (tries <= 1 || !(error instanceof Error) || !error.message.includes('still finding out')) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return patiently(look, tries - 1);
  }
}

/** Three calls and two cookies, as the sign-in page makes them. */
async function signIn(web: string, key: SoftKey, userHandle: string): Promise<string> {
  const { challenge } = await post(`${web}/api/auth/challenge`, {}, { origin: web });
  const csrf = await fetch(`${web}/api/auth/csrf`);
  const { csrfToken } = (await csrf.json()) as { readonly csrfToken: string };
  const made = key.assert(String(challenge), { origin: web });
  const assertion = JSON.stringify({ ...made, response: { ...made.response, userHandle } });
  const answer = await fetch(`${web}/api/auth/callback/key`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: web, cookie: cookiesOf(csrf) },
    body: new URLSearchParams({ csrfToken, assertion, callbackUrl: '/', json: 'true' }),
  });
  if (!answer.ok) throw new Error(`nobody could sign in: ${answer.status} ${await answer.text()}`);
  return cookiesOf(answer);
}

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');

async function post(url: string, body: object, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Answer;
}
