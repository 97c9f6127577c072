import type { UpstreamConfig } from '#lib/targets';
import type { Resolve } from './addresses';
import { openUpstream, type Upstream } from './upstream';

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
}): Upstreams {
  const open = new Map<string, ReturnType<typeof openUpstream>>();
  return {
    open(config, secret) {
      const key = JSON.stringify([
        config.url,
        config.name,
        config.secretIn,
        config.profile,
        config.privateNetwork,
        secret,
      ]);
      const known = open.get(key) ?? openUpstream({ ...parts, config, secret });
      open.set(key, known);
      return known;
    },
    async close() {
      await Promise.all([...open.values()].map((one) => one.close()));
      open.clear();
    },
  };
}
