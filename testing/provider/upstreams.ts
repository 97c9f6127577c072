import { providerOf } from '#gateway/providers';
import type { GraphqlConfig, HttpConfig, UpstreamConfig } from '#lib/targets';
import type { House } from '#testing/warden';
import { addTarget } from '#testing/warden';
import { type CastUpstream, provider } from './provider';

/*
 * Only for tests: targets behind the gateway, and a small HTTP provider.
 */

/** Paths to what is there: GET reads, PUT and POST write, DELETE removes. */
export type Paths = Map<string, unknown>;

/** An HTTP provider. */
export function httpUpstream(
  things: ReadonlyArray<readonly [path: string, value: unknown]> = [],
): Promise<CastUpstream<Paths>> {
  const world: Paths = new Map([['/', { hello: 'world' }], ['/user', { login: 'ada' }], ...things]);
  return provider(world, { path: '', sdl: '' }, async ({ method, path, body, change }) => {
    const at = path.split('?', 1)[0] ?? path;
    if (method === 'GET' || method === 'HEAD') {
      const status = world.has(at) ? 200 : 404;
      return { status, body: JSON.stringify(world.get(at) ?? { message: 'Not Found' }) };
    }
    change(`${method} ${path}`);
    if (method === 'DELETE') return { status: world.delete(at) ? 204 : 404, body: '' };
    world.set(at, body === '' ? null : JSON.parse(body));
    return { status: 200, body };
  });
}

const COMMON = {
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  secretIn: { place: 'bearer' as const },
  opens: [],
  closes: [],
  privateNetwork: true,
  maxBodyBytes: 1_048_576,
  outageSeconds: 60,
  refuseUnknown: false,
};

export const graphqlConfig = (url: string, more: Partial<GraphqlConfig> = {}): GraphqlConfig => ({
  ...COMMON,
  kind: 'graphql',
  name: 'railway',
  profile: 'railway',
  schemaHash: 'A'.repeat(43),
  url,
  ...more,
});

export const httpConfig = (url: string, more: Partial<HttpConfig> = {}): HttpConfig => ({
  ...COMMON,
  kind: 'http',
  name: 'internal-api',
  profile: 'generic-http',
  url,
  ...more,
});

/** Adds a target behind the gateway as an owner does: looked at first, its schema stored and signed. Returns its id. */
export async function addUpstream(house: House, config: UpstreamConfig, secret: string): Promise<string> {
  const upstream = house.gateway.upstreams.open(config, secret);
  const { schema, dangers } = await providerOf(config, { upstream, schema: null }).inspect();
  if (dangers.length > 0) throw new Error(JSON.stringify(dangers));
  if (schema === undefined || config.kind === 'http') return addTarget(house, config, secret);
  const { hash, sdl } = schema;
  await house.owner.targetSchema.createMany({ data: { hash, sdl }, skipDuplicates: true });
  return addTarget(house, { ...config, schemaHash: hash }, secret);
}
