import { expect } from 'vitest';
import { newId } from '#lib/core';
import type { Prisma } from '#lib/db';
import type { Preview } from '#lib/statement';
import { askerOf, sealPreview } from '../../warden/preview/seal';
import { type Member, type SignOrigin, signTicket, submit } from './sign-origin';

/* What waits to be signed at the sign origin. */

const PREVIEW = { effects: ['May start deploys.'], touched: [], warnings: [], maxRows: null, plan: null };

/** What a ticket for signing it says. */
export const approve = (requestId: string) => ({ kind: 'request.approve', params: { requestId } }) as const;

/** A target as an owner's key adds it: no network, a service that reads tokens. */
export async function addTokenTarget(
  signOrigin: SignOrigin,
  owner: Member,
  { environment = 'staging', soleOwnerMayApprove = true } = {},
): Promise<string> {
  const target = {
    kind: 'token',
    name: `deploys-${environment}`,
    environment,
    soleOwnerMayApprove,
    maxTtlSeconds: 3_600,
    audience: 'https://deploys.example',
    resources: ['deploy/*'],
    verbs: ['start', 'stop'],
    destructiveVerbs: ['stop'],
    introspected: true,
  };
  const ticket = await signOrigin.ticket(owner.id, { kind: 'target.add', params: {} });
  const drafted = await signOrigin.post('/api/target/draft', { ticket, target, agent: null });
  expect(drafted).toMatchObject({ status: 200 });
  expect(await submit(signOrigin, drafted.body as never, owner.key)).toMatchObject({
    status: 200,
    body: { secrets: { serviceToken: expect.stringMatching(/^cs_svc_/) } },
  });
  return (await signOrigin.owner.target.findFirstOrThrow({ where: { environment } })).id;
}

/** A request of a new agent's, as a preview of the warden's left it. */
export async function pendingRequest(
  signOrigin: SignOrigin,
  targetId: string,
  owner: Member,
  ask: Partial<Prisma.RequestUncheckedCreateInput> = {},
  seen: Partial<Preview> = {},
): Promise<string> {
  const id = newId('req');
  const registered = await signTicket(signOrigin, owner, {
    kind: 'agent.register',
    params: { name: `bot-${id.slice(4)}`, description: '', days: 90 },
  });
  expect(registered).toMatchObject({ status: 200, body: { secrets: { agent: { token: expect.any(String) } } } });
  const { id: agentId } = await signOrigin.owner.agent.findFirstOrThrow({ where: { name: `bot-${id.slice(4)}` } });
  const authority = await signOrigin.warden.authority.current(signOrigin.warden.db);
  const preview = { ...PREVIEW, ...seen };
  const row = await signOrigin.owner.request.create({
    data: {
      id,
      agentId,
      targetId,
      resources: ['deploy/api'],
      verbs: ['start'],
      ttlSeconds: 600,
      reason: 'Ship it.',
      state: 'pending',
      preview,
      danger: 1,
      createdAt: new Date(),
      decideBy: new Date(Date.now() + 3_600_000),
      ...ask,
    },
  });
  const previewSeal = sealPreview(signOrigin.warden.vault, row, askerOf(authority, row), preview);
  await signOrigin.owner.request.update({ where: { id }, data: { previewSeal } });
  return id;
}
