import { afterAll, beforeAll, test } from 'vitest';
import { type Agent, newAgent } from './agents';
import { type ByHand, byHand, sessionOf } from './by-hand';
import { collected, type Revoker, revoker, untilEnded } from './grants';
import { pairs, percentile, report, timed, together } from './measure';
import { LIVE_ROLES, times } from './size';
import type { Row } from './table';
import { openWorld, type World } from './world';

/*
 * Collecting and ending while other roles live at the same target, against none: two installations by turns, one
 * whose target fills up and one whose target stays empty, so that whatever else the machine does falls on both.
 */

interface Place {
  readonly world: World;
  readonly agent: Agent;
  readonly hand: ByHand;
  readonly revoking: Revoker;
}

let full: Place;
let empty: Place;

beforeAll(async () => {
  [full, empty] = [await openPlace(), await openPlace()];
});
afterAll(async () => {
  for (const { world, hand, revoking } of [full, empty]) {
    await Promise.all([hand.close(), revoking.close()]);
    await world.close();
  }
});

async function openPlace(): Promise<Place> {
  const world = await openWorld();
  await world.owner.addTarget({ kind: 'sample', soleOwnerMayApprove: true });
  return { world, agent: await newAgent(world), hand: await byHand(world), revoking: revoker(world) };
}

/** Milliseconds each. */
interface Taken {
  readonly collecting: number;
  readonly dead: number;
  readonly proven: number;
  readonly roleByHand: number;
}

const once = (place: Place) => async (): Promise<Taken> => {
  const { grantId, credential, milliseconds } = await collected(place.world, place.agent);
  const client = await sessionOf(credential);
  const dead = await place.revoking.untilCut({ grantId, client });
  const proven = dead + (await untilEnded(place.world, [grantId]));
  let role = '';
  const roleByHand = await timed(async () => {
    role = await place.hand.mint();
  });
  await place.hand.drop(role);
  return { collecting: milliseconds, dead, proven, roleByHand };
};

const WHAT: ReadonlyArray<readonly [string, keyof Taken]> = [
  ['collecting', 'collecting'],
  ['revoke to dead', 'dead'],
  ['revoke to proven dead', 'proven'],
  ['a role by hand', 'roleByHand'],
];

const p50 = (taken: readonly Taken[], which: keyof Taken): number =>
  percentile(
    taken.map((one) => one[which]),
    0.5,
  );

test('Live roles at the target', async () => {
  const rows: Row[] = [];
  let live = 0;
  for (const roles of LIVE_ROLES) {
    await together(8, roles - live, () => collected(full.world, full.agent));
    live = roles;
    const { ours, bare } = await pairs(times(50), once(full), once(empty));
    for (const [what, which] of WHAT)
      rows.push({
        what: `${what}, p50, beside ${roles}, against none`,
        ours: p50(ours, which),
        bare: p50(bare, which),
        unit: 'ms',
        aim: '',
      });
  }
  report('Live roles at the target', rows);
});
