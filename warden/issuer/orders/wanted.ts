import { DomainError, digestOf, type Json, refuse } from '#lib/core';
import { type OrderWanted, transact } from '#lib/db';
import { isAgent } from '#lib/identity';
import { type Order, signRecord } from '#lib/records';
import { countingAgent } from '#warden/authority';
import type { Warden } from '../../context';
import { approvedFor } from '../own-grant';
import { envelope, order } from './order';

/**
 * Answers a copy of the gateway that has the agent's call on the line, with an
 * order to run it or with why not. Everything that collecting checks is checked
 * here, from the signed bytes up; the wish itself is believed in nothing.
 */
export async function answerWanted(warden: Warden, wantedId: string): Promise<void> {
  const wanted = await warden.db.orderWanted.findUnique({ where: { id: wantedId } });
  if (wanted === null) return;
  if ((await warden.db.order.count({ where: { wantedId } })) > 0) return;
  const { agentId: id, tokenHash, keyThumbprint, instanceId } = wanted;
  try {
    await refuseLie(warden, wanted);
    const { grant, approved } = await approvedFor(warden, { id, tokenHash, keyThumbprint }, wanted.grantId);
    if (wanted.operationDigest !== digestOf(approved.statement.request.operation))
      refuse('conflict', 'The call on the line is another one than was approved. Nothing was sent.');
    await refuseUnknownCopy(warden, instanceId);
    await order(warden, { grant, approved, instanceId, wantedId });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    await refuseWanted(warden, { wantedId, grantId: wanted.grantId, instanceId }, error);
  }
}

/**
 * A copy that lies about the call on its line must not cost anybody an approval:
 * what it says is held against the chain and a row that its role cannot write,
 * before the signatures are, since one that does not hold these voids the grant.
 */
async function refuseLie({ db, vault, authority }: Warden, wanted: OrderWanted): Promise<void> {
  const grant = await db.grant.findFirst({
    where: { id: wanted.grantId, agentId: wanted.agentId, target: { kind: { in: ['graphql', 'http'] } } },
    select: { request: { select: { operation: true } } },
  });
  const { request } = grant ?? refuse('not_found', 'There is no such grant.');
  const agent = await countingAgent({ db, vault }, await authority.current(db), wanted.agentId);
  const isOperation = request?.operation != null && digestOf(request.operation) === wanted.operationDigest;
  if (agent === null || !isAgent(agent, { ...wanted, id: agent.id }) || !isOperation)
    refuse('conflict', 'The call on the line is another one than was approved. Nothing was sent.');
}

async function refuseUnknownCopy(warden: Warden, instanceId: string): Promise<void> {
  const authority = await warden.authority.current(warden.db);
  const row = await warden.db.gatewayInstance.findUnique({ where: { id: instanceId } });
  if (row === null || warden.gateways.instanceKey(authority, row) === null)
    refuse('minting_stopped', 'This copy of the gateway is none that the gateway’s key certified. Nothing was sent.');
}

/** Signs the refusal too: whoever owns the tables cannot refuse in the warden's name, only withhold its answer. */
async function refuseWanted(
  warden: Warden,
  to: { readonly wantedId: string; readonly grantId: string; readonly instanceId: string },
  { code, message }: DomainError,
): Promise<void> {
  await transact(warden.db, async (tx, now) => {
    const body: Order = { ...envelope(now, to), verdict: { kind: 'refused', code, message } };
    const signed = signRecord(warden.vault.signingKey, 'order', body as unknown as Json);
    await tx.order.createMany({
      data: [{ id: body.id, ...to, runs: false, ...signed, createdAt: now }],
      skipDuplicates: true,
    });
  });
}
