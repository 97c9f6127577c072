import type { UpstreamConfig } from '#lib/targets';
import type { Resolve } from './addresses';
import { type Bounds, type OpenUpstream, openUpstream, type Upstream } from './upstream';

/** Every look at a target with another secret or setting opens a way out: so many keep their connections. */
const MOST_OPEN = 200;

/** Opens the ways out, and closes them all. */
export interface Upstreams {
  /** No I/O. Throws `target_refused` or `invalid_request` where this may not be spoken to like this. */
  open(config: UpstreamConfig, secret: string): Upstream;
  close(): Promise<void>;
}

/** `onLeak` hears of every answer that held the secret: it was taken out, and somebody should know. */
export function createUpstreams(parts: {
  readonly gatewayOrigin: string;
  readonly onLeak: (origin: string) => void;
  readonly resolve?: Resolve;
  readonly bounds?: Bounds;
  readonly mostOpen?: number;
}): Upstreams {
  const { mostOpen = MOST_OPEN } = parts;
  const open = new Map<string, OpenUpstream>();
  return {
    open(config, secret) {
      const { url, name, secretIn, profile, privateNetwork } = config;
      const key = JSON.stringify([url, name, secretIn, profile, privateNetwork, secret]);
      const known = open.get(key) ?? openUpstream({ ...parts, config, secret });
      open.delete(key);
      open.set(key, known);
      // The one opened longest ago: its calls under way end as they would, and whoever still holds it may call again.
      for (const [old, upstream] of open) {
        if (open.size <= mostOpen) break;
        open.delete(old);
        upstream.rest();
      }
      return known;
    },
    async close() {
      await Promise.all([...open.values()].map((one) => one.close()));
      open.clear();
    },
  };
}
