import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import {
  type AgentClient,
  addProvider,
  agentWith,
  allowReads,
  approve,
  backToConsole,
  callFreely,
  cookieHeader,
  type Installation,
  newInstallation,
  registerAgent,
  sign,
  signFor,
} from '#testing/installation';

/* The gateway's origin is its own: what a provider sends back reaches no page of ours, and no cookie crosses it. */
test.describe.configure({ mode: 'serial' });

const SECRET = 'canary-9c1f5c1d7a';

/** A provider that means harm to whoever opens its answers in a browser. */
interface EvilSite {
  readonly url: string;
  readonly received: Array<{ readonly url: string; readonly headers: IncomingHttpHeaders }>;
  close(): Promise<void>;
}

async function evilSite(attack: () => string): Promise<EvilSite> {
  const received: Array<{ url: string; headers: IncomingHttpHeaders }> = [];
  const server: Server = createServer((request, response) => {
    const { url = '', headers } = request;
    received.push({ url, headers });
    const types: Readonly<Record<string, string>> = { '/page': 'text/html', '/picture': 'image/svg+xml' };
    response.writeHead(200, {
      'content-type': types[url] ?? 'application/json',
      'set-cookie': ['cs_session=stolen; Path=/', 'evil=1; Path=/'],
      'access-control-allow-origin': '*',
      'content-security-policy': "script-src 'unsafe-inline' *",
      'clear-site-data': '"cookies"',
      refresh: '0; url=https://attacker.example/',
    });
    if (url === '/leak') return void response.end(JSON.stringify({ hello: `your token is ${SECRET}` }));
    response.end(url in types ? attack() : JSON.stringify({ hello: 'world' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

let home: Installation;
let site: EvilSite;
let token: string;
let agent: AgentClient;

const attackPage = (): string => `<svg xmlns="http://www.w3.org/2000/svg" onload="go()"><script>
  document.title = 'ran';
  async function go() {
    for (const url of ['${home.stage.web}/api/console/tickets', '${home.stage.sign}/api/ticket'])
      await fetch(url, { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{}' })
        .then(() => (document.title += ' reached'), () => undefined);
    localStorage.setItem('x', '1');
  }
  go();
</script></svg><form action="${home.stage.web}/api/console/sign-out" method="post"><button>x</button></form>`;

test.beforeAll(async ({ browser }) => {
  site = await evilSite(attackPage);
  home = await newInstallation(browser);
  const { owner, stage } = home;
  await addProvider(owner, stage, {
    what: 'Another HTTP API',
    name: 'site',
    url: site.url,
    secret: SECRET,
    opens: 'GET /page, GET /picture, GET /data, GET /leak',
  });
  const secrets = await registerAgent(owner.page, stage, 'deploy-bot');
  token = secrets.token;
  agent = agentWith(secrets, stage);
  await allowReads(owner.page, stage, { agent: 'deploy-bot', target: 'site' });
  await sign(owner.page);
  await backToConsole(owner.page, stage);
});

test.afterAll(async () => {
  await home.close();
  await site.close();
});

for (const path of ['/page', '/picture'])
  test(`What a provider sends as ${path.slice(1)} does not run in a browser, and reaches neither the console nor the signing page`, async () => {
    const { owner, stage } = home;
    const page = await owner.context.newPage();
    const calls: string[] = [];
    page.on('request', (request) => calls.push(request.url()));
    await page.route(`${stage.gateway}/**`, (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${token}` } }),
    );
    await page.goto(`${stage.gateway}/t/site${path}`).catch(() => null);
    await page.waitForTimeout(500);
    expect(await page.title()).not.toContain('ran');
    expect(calls).toEqual([`${stage.gateway}/t/site${path}`]);
    await page.close();
    const { status, headers } = await callFreely(`${stage.gateway}/t/site${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toBe("sandbox; default-src 'none'");
    expect(headers['content-type']).not.toMatch(/html|svg|xml/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    for (const name of ['refresh', 'access-control-allow-origin', 'set-cookie']) expect(headers[name]).toBeUndefined();
  });

test('Even as HTML that runs it would stand on an origin that opens nothing: no answer of ours can be read from there', async () => {
  const { owner, stage } = home;
  const page = await owner.context.newPage();
  await page.route(`${stage.gateway}/taken`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>taken</title>' }),
  );
  await page.goto(`${stage.gateway}/taken`);
  const outcome = await page.evaluate(
    async ({ web, sign: signing }) => {
      const body = JSON.stringify({ kind: 'target.add', params: {} });
      const headers = { 'content-type': 'application/json' };
      const tries = [
        fetch(`${web}/api/console/tickets`, { method: 'POST', credentials: 'include', headers, body }),
        fetch(`${web}/`, { credentials: 'include' }),
        fetch(`${signing}/api/ticket`, { method: 'POST', credentials: 'include', headers, body }),
        fetch(`${signing}/review`, { credentials: 'include' }),
      ];
      return (await Promise.allSettled(tries)).map(({ status }) => status);
    },
    { web: stage.web, sign: stage.sign },
  );
  expect(outcome).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  await page.close();
});

test('Cookies pass in neither direction: the console’s session reaches no provider, and a provider sets none', async () => {
  const { owner, stage } = home;
  const before = await owner.context.cookies();
  // On localhost all ports share them: the browser itself would send them.
  const cookie = await cookieHeader(owner.page, stage.gateway);
  expect(cookie).not.toBe('');
  site.received.length = 0;
  const answer = await callFreely(`${stage.gateway}/t/site/data`, {
    headers: { cookie, authorization: `Bearer ${token}` },
  });
  expect([answer.status, answer.text]).toEqual([200, '{"hello":"world"}']);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(answer.headers['clear-site-data']).toBeUndefined();
  const [received] = site.received;
  expect(received?.headers.cookie).toBeUndefined();
  expect(JSON.stringify(received?.headers)).not.toContain(token);
  expect(await owner.context.cookies()).toEqual(before);
});

/** A call that is held, once it is in the inbox. One that is answered instead says what it was answered. */
async function heldCall(path: string) {
  const { stage, owner } = home;
  const calling = callFreely(stage.gateway + path, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}`, prefer: 'wait=60' },
  });
  const answered = calling.then(({ status, text }) => Promise.reject(new Error(`Not held: ${status} ${text}`)));
  await owner.page.goto(stage.web);
  const open = owner.page.getByRole('main').locator('a[href^="/requests/req_"]');
  await Promise.race([expect(open).toHaveCount(1), answered]);
  answered.catch(() => undefined);
  return { calling, requestId: (await open.getAttribute('href'))?.slice('/requests/'.length) ?? '' };
}

test('A restart of the gateway answers a held call 503; the same call sent again joins its request and is run by one yes', async () => {
  const { stage, owner } = home;
  const { calling, requestId } = await heldCall('/t/site/data/1');
  await stage.gatewayProcess.stop();
  const answer = await calling;
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.text).detail).toContain('Nothing was run');
  await stage.gatewayProcess.start();
  const again = await heldCall('/t/site/data/1');
  expect(again.requestId).toBe(requestId);
  await approve(owner, stage, requestId, { confirm: 'data/1' });
  expect((await again.calling).status).toBe(200);
  expect(site.received.filter(({ url }) => url === '/data/1')).toHaveLength(1);
});

test('A gateway killed with -9 while a call is held leaves its request to be decided, and runs nothing by itself', async () => {
  const { stage } = home;
  const { calling, requestId } = await heldCall('/t/site/data/2');
  const outcome = expect(calling).rejects.toThrow();
  await stage.gatewayProcess.kill();
  await outcome;
  await stage.gatewayProcess.start();
  await agent.previewed(requestId);
  expect(site.received.filter(({ url }) => url === '/data/2')).toEqual([]);
  await agent.call('POST', `${stage.web}/api/v1/requests/${requestId}/cancel`);
  await agent.reaches(requestId, 'cancelled');
});

test('A warden that is away holds the call on; it is decided when the warden is back', async () => {
  const { stage, owner } = home;
  const { calling, requestId } = await heldCall('/t/site/data/3');
  await stage.warden.kill();
  await stage.warden.start();
  await approve(owner, stage, requestId, { confirm: 'data/3' });
  expect((await calling).status).toBe(200);
  expect(site.received.filter(({ url }) => url === '/data/3')).toHaveLength(1);
});

test('One press freezes everything: the next read is refused; an owner’s key thaws it', async () => {
  const { stage, owner } = home;
  const { page } = owner;
  const read = () => callFreely(`${stage.gateway}/t/site/data`, { headers: { authorization: `Bearer ${token}` } });
  expect((await read()).status).toBe(200);
  await page.goto(`${stage.web}/grants`);
  await page.getByRole('button', { name: 'Freeze everything' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('An agent does what nobody asked for.');
  await dialog.getByRole('button', { name: 'Freeze', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Thaw with your key' })).toBeVisible();
  await expect.poll(async () => (await read()).status).not.toBe(200);
  await signFor(owner, stage, page.getByRole('button', { name: 'Thaw with your key' }));
  await expect.poll(async () => (await read()).status).toBe(200);
  await expect(page.getByRole('button', { name: 'Thaw with your key' })).toHaveCount(0);
});

test('The secret that a provider sends back is taken out, and people are told to replace it (T34)', async () => {
  const { stage, owner } = home;
  const { status, text, headers } = await callFreely(`${stage.gateway}/t/site/leak`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(status).toBe(200);
  expect(text).toContain('your token is');
  expect(text + JSON.stringify(headers)).not.toContain(SECRET);
  await owner.page.goto(`${stage.web}/targets`);
  await expect(owner.page.getByRole('main').getByText(/sent its own secret back in an answer/)).toBeVisible();
  expect(await owner.page.content()).not.toContain(SECRET);
});
