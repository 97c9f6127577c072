import { base64url } from '#lib/core';
import { challengeOf } from '#lib/statement';
import type { Settings } from '#scripts/installation';
import { type SoftKey, softKey } from '#testing/security-key';

/*
 * The demo's owner: what a person does in a browser with a security key, done
 * over the very same HTTP by a key in software. The server cannot tell, and
 * nothing is switched off for it.
 */

type Origins = Pick<Settings, 'webOrigin' | 'signOrigin'>;

/** The statement a page would show, and what is needed to sign it. */
export interface Shown {
  readonly draft: string;
  /** Canonical JSON: the bytes to sign. */
  readonly statement: string;
}

export interface Owner {
  /** What the signing page would show for this. */
  show(kind: string, params: object): Promise<Shown>;
  /** Touches the key. */
  sign(shown: Shown): Promise<void>;
  /** Adds a target through the signing page's own form. Returns its id. */
  addTarget(target: object): Promise<string>;
  /** A call of the console, signed in. */
  console(path: string, body?: object): Promise<Record<string, unknown>>;
}

/** Sets up the installation behind the link, and signs in. */
export async function becomeOwner(origins: Origins, setupUrl: string): Promise<Owner> {
  const { webOrigin, signOrigin } = origins;
  const key = softKey({ origin: signOrigin, rpId: 'localhost' });
  const atSign = (path: string, body: object) => post(signOrigin + path, body, { origin: signOrigin });
  const userHandle = await setUp(atSign, key, new URL(setupUrl).hash.slice(1));
  const cookie = await signIn(webOrigin, key, userHandle);
  const atConsole = (path: string, body: object = {}) =>
    post(`${webOrigin}/api/console${path}`, body, { origin: webOrigin, cookie });

  async function ticket(kind: string, params: object): Promise<string> {
    const { url } = await atConsole('/tickets', { kind, params });
    return new URL(String(url)).hash.slice(1);
  }

  async function sign({ draft, statement }: Shown): Promise<void> {
    const assertion = key.assert(base64url(challengeOf(statement)));
    await atSign('/api/sign', { draft, assertion });
  }

  return {
    sign,
    console: atConsole,
    async show(kind, params) {
      const { offer } = await atSign('/api/ticket', { ticket: await ticket(kind, params) });
      return offer as Shown;
    },
    async addTarget(target) {
      const offer = await atSign('/api/target/draft', { ticket: await ticket('target.add', {}), target });
      await sign(offer as unknown as Shown);
      return (JSON.parse(String(offer['statement'])) as { readonly targetId: string }).targetId;
    },
  };
}

type Post = (path: string, body: object) => Promise<Record<string, unknown>>;

/** Returns what a key is asked to remember its person by. */
async function setUp(atSign: Post, key: SoftKey, code: string): Promise<string> {
  const begun = await atSign('/api/setup/begin', { code, name: 'Ada', email: 'ada@example.com' });
  const { challenge, user } = begun['options'] as {
    readonly challenge: string;
    readonly user: { readonly id: string };
  };
  const registration = key.register(challenge);
  await atSign('/api/setup/finish', { code, draft: begun['draft'], registration, label: 'A key in software' });
  return user.id;
}

/** Three calls and two cookies, as the sign-in page makes them. */
async function signIn(webOrigin: string, key: SoftKey, userHandle: string): Promise<string> {
  const { challenge } = await post(`${webOrigin}/api/auth/challenge`, {}, { origin: webOrigin });
  const csrf = await fetch(`${webOrigin}/api/auth/csrf`);
  const { csrfToken } = (await csrf.json()) as { readonly csrfToken: string };
  const made = key.assert(String(challenge), { origin: webOrigin });
  const assertion = JSON.stringify({ ...made, response: { ...made.response, userHandle } });
  const answer = await fetch(`${webOrigin}/api/auth/callback/key`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: webOrigin, cookie: cookiesOf(csrf) },
    body: new URLSearchParams({ csrfToken, assertion, callbackUrl: '/', json: 'true' }),
  });
  if (!answer.ok) throw new Error(`The demo’s owner could not sign in: ${answer.status} ${await answer.text()}`);
  return cookiesOf(answer);
}

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');

async function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
