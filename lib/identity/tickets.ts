import { z } from 'zod';
import { addSeconds, randomToken, sha256Base64url } from '#lib/core';
import type { Tx } from '#lib/db';
import { AgentChange, NewAgentFields, NewSecrets } from './agents';

const TICKET_SECONDS = 600;

const id = <P extends string>(prefix: P) => z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{20}$`));
const ticket = <K extends string, S extends z.ZodRawShape>(kind: K, params: S) => about(kind, z.strictObject(params));
const about = <K extends string, P extends z.ZodType>(kind: K, params: P) =>
  z.strictObject({ kind: z.literal(kind), params });

/** What web can send a person to the sign origin for. A ticket shows it to them and allows nothing: the key does (T6). Stopping a recovery code is a no, and takes none (P9). */
export const TicketAsk = z.discriminatedUnion('kind', [
  ticket('request.approve', { requestId: id('req') }),
  ticket('human.admit', { humanId: id('hum') }),
  ticket('human.role', {
    humanId: id('hum'),
    role: z.enum(['owner', 'approver', 'reviewer']),
    agentsTo: id('hum').optional(),
  }),
  ticket('human.disable', { humanId: id('hum'), agentsTo: id('hum').optional() }),
  /** Another person's where it names one: for those who lost every key they had. */
  ticket('key.enroll', { humanId: id('hum').optional() }),
  ticket('key.disable', { keyId: id('key') }),
  ticket('recovery.stop', {}),
  ticket('keys.accept', { acceptsClaimed: z.boolean() }),
  ticket('target.add', {}),
  ticket('target.renew', { targetId: id('tgt') }),
  ticket('target.disable', { targetId: id('tgt') }),
  about('agent.register', NewAgentFields),
  about('agent.rotate', NewSecrets),
  about('agent.change', AgentChange),
  ticket('agent.enable', { agentId: id('agt') }),
  ticket('rest.allow', { agentId: id('agt'), targetId: id('tgt'), ttlSeconds: z.int().min(60).max(3_600) }),
  ticket('freeze.thaw', { freezeId: id('frz') }),
  ticket('gateway.replace', { thumbprint: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
  ticket('rest.stop', { agentId: id('agt'), targetId: id('tgt') }),
]);
export type TicketAsk = z.infer<typeof TicketAsk>;
export type AgentTicket = Extract<TicketAsk, { kind: `agent.${string}` }>;

/** Whether a role is offered a ticket of this kind. It spares people a way in vain; the warden decides by the chain. */
export function mayAskFor(role: 'owner' | 'approver' | 'reviewer', kind: TicketAsk['kind']): boolean {
  if (role === 'owner' || kind === 'key.enroll') return true;
  return role === 'approver' && (kind === 'request.approve' || kind.startsWith('agent.'));
}

/** Issues a ticket for ten minutes and returns its token, of which only the hash is stored. The warden deletes those that are over. */
export async function issueTicket(tx: Tx, now: Date, humanId: string, ask: TicketAsk): Promise<string> {
  const token = randomToken();
  await tx.ticket.create({
    data: {
      tokenHash: sha256Base64url(token),
      humanId,
      kind: ask.kind,
      params: ask.params,
      createdAt: now,
      expiresAt: addSeconds(now, TICKET_SECONDS),
    },
  });
  return token;
}
