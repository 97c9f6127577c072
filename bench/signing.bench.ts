import { afterAll, beforeAll, test } from 'vitest';
import { approver, type Person } from '#testing/security-key';
import { type Agent, freshAsk, newAgent } from './agents';
import { type BareApp, openBareApp } from './bare-app';
import { type ByHand, byHand } from './by-hand';
import { cleared } from './grants';
import { merged, type Pairs, pairs, percentiles, ROUNDS, report, timed, together } from './measure';
import { times } from './size';
import type { Row } from './table';
import { openWorld, type World } from './world';

/*
 * Approving as a browser does it: web makes a ticket, the signing page gets what to show for it, the key signs (in
 * software, outside the clock), the page sends the signature; then the agent collects.
 */

const APPROVERS = 16;

let world: World;
let agent: Agent;
let bare: BareApp;
let hand: ByHand;

beforeAll(async () => {
  world = await openWorld();
  await world.owner.addTarget({ kind: 'sample', soleOwnerMayApprove: true });
  agent = await newAgent(world);
  bare = await openBareApp(world, 19_813);
  hand = await byHand(world);
});
afterAll(async () => {
  await Promise.all([hand.close(), bare.stop()]);
  await world.close();
});

interface Taken {
  readonly grantId: string;
  /** Ticket, page and signature, without the key's own time; milliseconds. */
  readonly approving: number;
  /** From sending the signature to the credential in the agent's hand; milliseconds. */
  readonly toCredential: number;
}

async function ours(requestId: string, by: Person): Promise<Taken> {
  const begun = performance.now();
  const offer = await by.offer('request.approve', { requestId });
  const shown = performance.now() - begun;
  const signed = by.touch(offer);
  const recorded = await timed(() => by.submit(signed));
  const grantId = await agent.grantOf(requestId);
  const collected = await timed(() => agent.collect(grantId));
  return { grantId, approving: shown + recorded, toCredential: recorded + collected };
}

/** One Next.js handler with two inserts, two commits and one signature check. */
const approvingByHand = (): Promise<number> =>
  timed(async () => {
    await (await bare.file()).arrayBuffer();
    await hand.commit();
    await hand.checkSignature();
    await hand.commit();
  });

/** One signature check, two commits, one role. */
async function toCredentialByHand(): Promise<number> {
  let role = '';
  const taken = await timed(async () => {
    await hand.checkSignature();
    for (let commit = 0; commit < 2; commit += 1) await hand.commit();
    role = await hand.mint();
  });
  await hand.drop(role);
  return taken;
}

interface Bare {
  readonly approving: number;
  readonly toCredential: number;
}

const byHandToo = async (): Promise<Bare> => ({
  approving: await approvingByHand(),
  toCredential: await toCredentialByHand(),
});

const rowsOf = ({ ours: taken, bare: hands }: Pairs<Taken, Bare>): Row[] => [
  ...percentiles('ticket, page and signature, against a bare handler, two commits and a check', {
    ours: taken.map(({ approving }) => approving),
    bare: hands.map(({ approving }) => approving),
  }),
  ...percentiles('signature to credential, against a check, two commits and a role', {
    ours: taken.map(({ toCredential }) => toCredential),
    bare: hands.map(({ toCredential }) => toCredential),
  }),
];

test('One approver', async () => {
  const approve = async (): Promise<Taken> => {
    const one = await ours(await agent.pending(freshAsk()), world.owner);
    await cleared(world, [one.grantId]);
    return one;
  };
  report('Approving over HTTP, 1 approver', rowsOf(await pairs(times(100), approve, byHandToo)));
});

test('Sixteen approvers at once', async () => {
  const people: Person[] = [];
  for (let n = 0; n < APPROVERS; n += 1) people.push(await approver(world, world.owner, `approver-${n}`));
  const rounds: Array<Pairs<Taken, Bare>> = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await atOnce(people, Math.max(APPROVERS, times(64))));
  report('Approving over HTTP, 16 approvers at once', rowsOf(merged(rounds)));
});

async function atOnce(people: Person[], count: number): Promise<Pairs<Taken, Bare>> {
  const requests = await together(8, count, () => agent.pending(freshAsk()));
  const taken = await together(APPROVERS, count, async (run) => {
    const person = people.pop() ?? world.owner;
    try {
      return await ours(requests[run - 1] ?? '', person);
    } finally {
      people.push(person);
    }
  });
  await cleared(
    world,
    taken.map(({ grantId }) => grantId),
  );
  return { ours: taken, bare: await together(APPROVERS, count, byHandToo) };
}
