import { afterEach, describe, expect, test } from 'vitest';
import { isMetadataAddress } from '#lib/process';
import { httpConfig } from '#testing/provider';
import { closeAll, GATEWAY, get, provider, SECRET } from '#testing/upstream';
import { type Address, isPublic, pinnedLookup } from './addresses';
import { BOUNDS } from './upstream';
import { createUpstreams } from './upstreams';

/* T56, T57: where a provider may live, and that it lives there when it is called. */

afterEach(closeAll);

const INSIDE = [
  ...['127.0.0.1', '127.1', '0177.0.0.1', '0x7f.1', '2130706433', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.1.1'],
  ...['100.64.0.1', '198.18.0.1', '192.0.0.1', '192.0.2.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::7f00:1', '::127.0.0.1', '::8.8.8.8', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:0:127.0.0.1'],
  ...['64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1', '2002:7f00:1::', '2002:808:808::1', '2001::1', '100::1'],
  ...[
    'fc00::1',
    'fd12:3456::1',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    '2606:4700::1%lo',
  ],
];
const MACHINE = [
  ...['169.254.169.254', '169.254.170.2', '::ffff:169.254.169.254', '::169.254.169.254', '64:ff9b::169.254.169.254'],
  ...[
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'febf::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ],
];

describe('an address', () => {
  test.each([...INSIDE, ...MACHINE, 'localhost', ''])('%s is not of the public internet', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  test.each(['8.8.8.8', '1.1.1.1', '140.82.121.6', '::ffff:8.8.8.8', '2606:4700::1111', '2a00:1450:4001::200e'])(
    '%s is',
    (address) => {
      expect(isPublic(address)).toBe(true);
      expect(isMetadataAddress(address)).toBe(false);
    },
  );

  test.each(MACHINE)('%s is of the machine, and no owner can allow it', async (address) => {
    expect(isMetadataAddress(address)).toBe(true);
    await expect(looked({ privateNetwork: true }, address)).rejects.toMatchObject({ code: 'target_refused' });
  });

  test('127.0.0.1 and fd12::1 are where an owner says so', async () => {
    await expect(looked({ privateNetwork: true }, '127.0.0.1', 'fd12::1')).resolves.toHaveLength(2);
  });
});

/** What a socket would be given. */
function looked({ privateNetwork }: { privateNetwork: boolean }, ...addresses: string[]): Promise<readonly Address[]> {
  const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const { lookup } = pinnedLookup({ privateNetwork, resolve });
  return new Promise((done, fail) => {
    lookup('provider.test', { all: true }, (error, found) =>
      error === null ? done(found as unknown as Address[]) : fail(error),
    );
  });
}

const ways = (resolve?: () => Promise<Address[]>) =>
  createUpstreams({ gatewayOrigin: GATEWAY, onLeak: () => undefined, ...(resolve === undefined ? {} : { resolve }) });

const outside = (url: string) => httpConfig(url, { privateNetwork: false });

describe('a target outside', () => {
  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::7f00:1]/',
    'https://10.0.0.1/',
    'https://169.254.169.254/',
    'http://api.example.com/',
    'http://8.8.8.8/',
  ])('at %s is refused before anything is sent', (url) => {
    expect(() => ways().open(outside(url), SECRET)).toThrow(expect.objectContaining({ code: 'target_refused' }));
  });

  test('whose name has one private address among public ones is refused at the connection', async () => {
    const both = ['140.82.121.6', '10.0.0.1'].map((address) => ({ address, family: 4 }));
    const upstreams = ways(async () => both);
    const call = upstreams.open(outside('https://provider.test/'), SECRET).call({ operation: get('/') });
    await expect(call).rejects.toMatchObject({ code: 'target_refused' });
    await upstreams.close();
  });
});

describe('a target inside', () => {
  test('is never at the metadata address, whatever its owner says', () => {
    for (const url of ['http://169.254.169.254/', 'http://[fe80::1]/', 'http://[::ffff:169.254.169.254]/'])
      expect(() => ways().open(httpConfig(url), SECRET)).toThrow(expect.objectContaining({ code: 'target_refused' }));
  });

  test('is called where it was checked, though its name has changed its mind', async () => {
    const { port, seen } = await provider((_, response) => response.end('here'));
    const answers = [['127.0.0.1'], ['169.254.169.254']].map((list) => list.map((address) => ({ address, family: 4 })));
    let asked = 0;
    const upstreams = ways(async () => answers[Math.min(asked++, 1)] ?? []);
    const upstream = upstreams.open(httpConfig(`http://provider:${port}/`), SECRET);
    const calls = Array.from({ length: 5 }, () => upstream.call({ operation: get('/') }));
    for (const answer of await Promise.all(calls)) expect(answer.body).toBe('here');
    expect(asked).toBe(1);
    expect(seen).toHaveLength(5);
    await upstreams.close();
  });

  test('is checked again when its connection broke, and refused if it has moved where it may not', async () => {
    const { port } = await provider((request, response) =>
      request.url === '/cut' ? request.destroy() : response.end(),
    );
    let address = '127.0.0.1';
    const upstreams = createUpstreams({
      gatewayOrigin: GATEWAY,
      onLeak: () => undefined,
      resolve: async () => [{ address, family: 4 }],
      bounds: { ...BOUNDS, connections: 1 },
    });
    const upstream = upstreams.open(httpConfig(`http://provider:${port}/`), SECRET);
    await upstream.call({ operation: get('/') });
    address = '169.254.169.254';
    await expect(upstream.call({ operation: get('/cut') })).rejects.toMatchObject({ code: 'target_unreachable' });
    await expect(upstream.call({ operation: get('/') })).rejects.toMatchObject({ code: 'target_refused' });
    await upstreams.close();
  });
});

describe('ways out', () => {
  test('beyond so many let their connections go, and whoever still holds one may call again', async () => {
    const { url } = await provider((_, response) => response.end('ok'));
    const upstreams = createUpstreams({ gatewayOrigin: GATEWAY, onLeak: () => undefined, mostOpen: 2 });
    const first = upstreams.open(httpConfig(url), `${SECRET}1`);
    const inFlight = first.call({ operation: get('/') });
    for (const more of ['2', '3']) upstreams.open(httpConfig(url), SECRET + more);
    expect(upstreams.open(httpConfig(url), `${SECRET}1`)).not.toBe(first);
    expect((await inFlight).body).toBe('ok');
    expect((await first.call({ operation: get('/') })).body).toBe('ok');
    await upstreams.close();
  });
});
