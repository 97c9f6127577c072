import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { connect, type Db, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { withClient } from '#scripts/postgres';
import { type Agent, type Collected, freshAsk } from './agents';
import { cutOf, sessionOf } from './by-hand';
import type { World } from './world';

/* Grants on their way out: asked to end as web asks for it, and watched until they have. */

export interface Got {
  readonly grantId: string;
  readonly credential: NonNullable<Collected['credential']>;
  /** Of collecting alone. */
  readonly milliseconds: number;
}

/** Filed, previewed, signed and collected. */
export async function collected(world: World, agent: Agent): Promise<Got> {
  const requestId = await agent.pending(freshAsk());
  await world.owner.sign('request.approve', { requestId });
  const grantId = await agent.grantOf(requestId);
  const from = performance.now();
  const { credential } = await agent.collect(grantId);
  const milliseconds = performance.now() - from;
  if (credential === undefined) throw new Error('no credential');
  return { grantId, credential, milliseconds };
}

export interface Live {
  readonly grantId: string;
  readonly client: pg.Client;
}

/** The same with a session open. */
export async function live(world: World, agent: Agent): Promise<Live> {
  const { grantId, credential } = await collected(world, agent);
  return { grantId, client: await sessionOf(credential) };
}

export interface Revoker {
  /** Milliseconds from the commit of a revocation to the moment the session is cut. */
  untilCut(live: Live): Promise<number>;
  close(): Promise<void>;
}

/** Revokes as web does, in one transaction of its own role. */
export function revoker({ urls }: World): Revoker {
  const web: Db = connect(urls.web, { max: 2 });
  return {
    async untilCut({ grantId, client }) {
      const cut = cutOf(client);
      await transact(web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: 'bench' }));
      const from = performance.now();
      await cut;
      return performance.now() - from;
    },
    close: () => web.$disconnect(),
  };
}

/** Milliseconds until the warden has proven that these are dead. */
export async function untilEnded({ urls }: World, grantIds: readonly string[]): Promise<number> {
  const from = performance.now();
  await withClient(urls.owner, async (client) => {
    const text = "SELECT count(*)::int AS left FROM grants WHERE id = ANY($1) AND state <> 'ended'";
    while ((await client.query<{ left: number }>(text, [grantIds])).rows[0]?.left !== 0) await sleep(2);
  });
  return performance.now() - from;
}

/** Revoked at the console and gone, so that the next one finds the target as the last one did. */
export async function cleared(world: World, grantIds: readonly string[]): Promise<void> {
  for (const id of grantIds) await world.owner.console(`/grants/${id}/revoke`);
  await untilEnded(world, grantIds);
}
