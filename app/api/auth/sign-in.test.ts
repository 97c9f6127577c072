import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Web, web } from '#lib/console';
import { connect, type Db, listen } from '#lib/db';
import { openSession, signInChallenge } from '#lib/identity';
import { freshDatabase } from '#testing/database';
import { call, cookies, forgetCookie, forgetCookies } from '#testing/next-auth';
import { type Person, person, SIGN, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';

vi.mock('next/headers', async () => (await import('../../../testing/next-auth/next-auth')).headersModule);

const { GET, POST } = await import('./[...nextauth]/route');
const { sessionIdOf } = await import('../../session/cookie');

let owner: Db;
let ada: Person;
let adaEmail: string;
let provider: Server;
const claims = { sub: 'subject-1', email: '', email_verified: true };

beforeAll(async () => {
  const database = await freshDatabase();
  owner = connect(database.ownerUrl);
  ada = await person(owner);
  adaEmail = (await owner.human.findUniqueOrThrow({ where: { id: ada.id } })).email;
  provider = await startProvider();
  const oidc = { issuer: issuerOf(provider), clientId: 'countersign', clientSecret: 'a-secret-of-the-test-client' };
  const env = { ...webEnvOf(database.webUrl), oidc };
  provideWeb({ db: connect(database.webUrl), listener: listen(database.webUrl), env });
});
afterAll(() => void provider.close());
beforeEach(() => {
  forgetCookies();
  Object.assign(claims, { sub: 'subject-1', email: adaEmail, email_verified: true });
});

const viewer = async () => {
  const sessionId = await sessionIdOf();
  return sessionId === null ? null : openSession(web().db, sessionId);
};

async function csrfToken(): Promise<string> {
  const { csrfToken: token } = (await (await call(GET, { method: 'GET', path: 'csrf' })).json()) as {
    csrfToken: string;
  };
  return token;
}

async function withKey(assertion: unknown, bend: { csrfToken?: string; origin?: string } = {}): Promise<Response> {
  const form = {
    csrfToken: bend.csrfToken ?? (await csrfToken()),
    assertion: JSON.stringify(assertion),
    callbackUrl: '/',
    json: 'true',
  };
  return call(POST, {
    method: 'POST',
    path: 'callback/key',
    form,
    headers: bend.origin === undefined ? {} : { origin: bend.origin },
  });
}

describe('signing in with a key through next-auth', () => {
  it('gives a cookie that holds nothing but the session’s id', async () => {
    const response = await withKey(ada.sign(signInChallenge(web().env.sessionSecret)));
    expect(response.status).toBe(200);
    expect(await viewer()).toMatchObject({ id: ada.id, method: 'key' });
    const cookie = response.headers.getSetCookie().find((text) => text.startsWith('countersign.session='));
    expect(cookie).toMatch(/; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
  });

  it('gives a __Host- cookie, Secure, where web’s origin is https', async () => {
    const before = web();
    const secure: Web = { ...before, env: { ...before.env, webOrigin: 'https://console.localhost' } };
    provideWeb(secure);
    try {
      const response = await call(GET, { method: 'GET', path: 'csrf' });
      expect(response.headers.getSetCookie().map((text) => text.split('=')[0])).toEqual([
        '__Host-countersign.csrf',
        '__Host-countersign.return',
      ]);
      for (const cookie of response.headers.getSetCookie())
        expect(cookie).toMatch(/; Path=\/;.* HttpOnly; Secure; SameSite=Lax$/);
    } finally {
      provideWeb(before);
    }
  });

  it('answers every failure alike and gives no session (T6)', async () => {
    const answers: string[] = [];
    for (const assertion of [
      null,
      {},
      ada.sign('AAAA'),
      ada.sign(signInChallenge(web().env.sessionSecret), SIGN.origin),
    ]) {
      const response = await withKey(assertion);
      answers.push(`${response.status} ${await response.text()}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^401 /);
    expect(await viewer()).toBeNull();
  });

  it('refuses another site’s form and a missing CSRF token', async () => {
    const assertion = ada.sign(signInChallenge(web().env.sessionSecret));
    expect((await withKey(assertion, { origin: 'https://evil.example' })).status).toBe(403);
    await withKey(assertion, { csrfToken: 'guess' });
    expect(await viewer()).toBeNull();
  });

  it('refuses a form larger than any assertion before reading it (T61, T68)', async () => {
    for (const length of ['32769', 'x']) {
      const response = await call(POST, {
        method: 'POST',
        path: 'callback/key',
        form: {},
        headers: { 'content-length': length },
      });
      expect(response.status).toBe(413);
    }
  });

  it.each(['session', 'signout', '_log', 'verify-request', 'callback/key', 'signin/key', 'callback/other'])(
    'has no GET %s',
    async (path) => {
      expect((await call(GET, { method: 'GET', path })).status).toBe(404);
    },
  );

  it.each(['session', 'signout', '_log', 'signin/key', 'callback/oidc'])('has no POST %s', async (path) => {
    expect((await call(POST, { method: 'POST', path, form: {} })).status).toBe(404);
  });

  it('is over when the row says so, whatever the cookie says', async () => {
    await withKey(ada.sign(signInChallenge(web().env.sessionSecret)));
    await owner.session.updateMany({ data: { revokedAt: new Date() } });
    expect(await viewer()).toBeNull();
  });
});

describe('signing in through an OpenID Connect provider', () => {
  it('links by verified e-mail once, and from then on by the subject alone', async () => {
    await withProvider();
    expect(await viewer()).toMatchObject({ id: ada.id, method: 'oidc' });
    forgetCookies();
    Object.assign(claims, { email: 'another@example.com', email_verified: false });
    await withProvider();
    expect(await viewer()).toMatchObject({ id: ada.id });
    expect(await owner.oidcLink.count()).toBe(1);
  });

  it('refuses a second subject that claims the same address (T14)', async () => {
    claims.sub = 'subject-2';
    expect(await withProvider()).toBe('http://localhost:3000/api/auth/error?error=AccessDenied');
    expect(await viewer()).toBeNull();
  });

  it.each([
    ['an unknown address', { sub: 'subject-3', email: 'nobody@example.com' }],
    ['no address', { sub: 'subject-4', email: undefined }],
  ])('refuses %s: nobody is made here', async (_what, other) => {
    Object.assign(claims, other);
    expect(await withProvider()).toBe('http://localhost:3000/api/auth/error?error=AccessDenied');
    expect(await viewer()).toBeNull();
  });

  it('refuses an address that the provider has not verified', async () => {
    const bob = await person(owner, { name: 'Bob' });
    const { email } = await owner.human.findUniqueOrThrow({ where: { id: bob.id } });
    Object.assign(claims, { sub: 'subject-5', email, email_verified: false });
    expect(await withProvider()).toBe('http://localhost:3000/api/auth/error?error=AccessDenied');
  });

  it('refuses a disabled person, linked or not (T66)', async () => {
    await owner.human.update({ where: { id: ada.id }, data: { state: 'disabled' } });
    expect(await withProvider()).toBe('http://localhost:3000/api/auth/error?error=AccessDenied');
    await owner.human.update({ where: { id: ada.id }, data: { state: 'active' } });
  });

  it.each(['countersign.state', 'countersign.pkce', 'countersign.nonce'])(
    'refuses an answer without its %s cookie',
    async (name) => {
      const answer = await walk((await begin()).url);
      forgetCookie(name);
      await finish(answer);
      expect(await viewer()).toBeNull();
    },
  );

  it('names the configured callback, whatever the Host header says (T19)', async () => {
    const { url } = await begin({
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    });
    expect(new URL(url).searchParams.get('redirect_uri')).toBe('http://localhost:3000/api/auth/callback/oidc');
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256');
  });
});

async function begin(headers: Record<string, string> = {}): Promise<{ url: string }> {
  const form = { csrfToken: await csrfToken(), callbackUrl: '/', json: 'true' };
  const response = await call(POST, { method: 'POST', path: 'signin/oidc', form, headers });
  return (await response.json()) as { url: string };
}

/** Follows the provider's own pages to the end, as a browser without scripts would. Returns where it sends us. */
async function walk(start: string): Promise<URL> {
  const held = new Map<string, string>();
  let next: { url: string; form?: URLSearchParams } = { url: start };
  for (let step = 0; step < 20; step += 1) {
    const cookie = [...held].map(([name, value]) => `${name}=${value}`).join('; ');
    const response: Response = await fetch(next.url, {
      redirect: 'manual',
      headers: { cookie },
      ...(next.form === undefined ? {} : { method: 'POST', body: next.form }),
    });
    for (const text of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      held.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      const to = new URL(location, next.url);
      if (to.origin === 'http://localhost:3000') return to;
      next = { url: to.href };
      continue;
    }
    const page = await response.text();
    const [, action = ''] = /<form[^>]*action="([^"]+)"/.exec(page) ?? [];
    const [, prompt = ''] = /name="prompt" value="([^"]+)"/.exec(page) ?? [];
    next = {
      url: new URL(action, next.url).href,
      form: new URLSearchParams({ prompt, login: claims.sub, password: 'x' }),
    };
  }
  throw new Error('The provider never came back.');
}

async function finish(answer: URL): Promise<string> {
  const response = await call(GET, { method: 'GET', path: `callback/oidc${answer.search}` });
  return response.headers.get('location') ?? '';
}

/** The whole dance. Returns where next-auth sends the browser then. */
async function withProvider(): Promise<string> {
  const location = await finish(await walk((await begin()).url));
  expect(cookies.size).toBeGreaterThan(0);
  return location;
}

const issuerOf = (server: Server): string => `http://localhost:${(server.address() as AddressInfo).port}`;

/** The package has no types of its own. */
interface ProviderModule {
  readonly default: new (issuer: string, configuration: object) => { callback(): RequestListener };
}

async function startProvider(): Promise<Server> {
  const { default: Provider } = (await import('oidc-provider' as string)) as ProviderModule;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const oidc = new Provider(issuerOf(server), {
    clients: [
      {
        client_id: 'countersign',
        client_secret: 'a-secret-of-the-test-client',
        redirect_uris: ['http://localhost:3000/api/auth/callback/oidc'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: [] },
    conformIdTokenClaims: false,
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ ...claims, sub: id }) }),
  });
  server.on('request', oidc.callback());
  return server;
}
