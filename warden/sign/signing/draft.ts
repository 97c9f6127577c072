import type { SignedHuman, SignedKey } from '#lib/authority';
import { addSeconds, iso, newId, randomToken, refuse, sha256Base64url } from '#lib/core';
import { type Draft, databaseNow, type Tx } from '#lib/db';
import { openStatement, type Statement, sealStatement } from '#lib/statement';
import type { Warden } from '../../context';
import { keysOf, type Look } from './ticket';

const DRAFT_SECONDS = 300;
const STALE = 'This was signed already, or waited longer than five minutes. Review again.';

/** A statement waiting for a signature, as the page gets it. The page works out the challenge itself, from the text it shows. */
export interface Offer {
  readonly draft: string;
  /** The bytes to sign. */
  readonly statement: string;
  readonly rpId: string;
  readonly keyId: string;
  readonly keys: readonly {
    readonly id: string;
    readonly label: string;
    readonly class: string;
    readonly credentialId: string;
  }[];
  /** Where the console shows what came of it. */
  readonly back: string;
  /** Beside what is signed: what the warden found, in a sentence. */
  readonly note?: string;
}

/** One use, five minutes, one state of the log. */
export async function occasion({ warden, now }: Look) {
  return {
    nonce: randomToken(24),
    issuedAt: now,
    expiresAt: addSeconds(now, DRAFT_SECONDS),
    log: await logHead(warden),
  };
}

/** What makes a statement of the chain this one and no other. */
export async function envelope(look: Look, key: SignedKey) {
  const { nonce, issuedAt, expiresAt, log } = await occasion(look);
  return {
    type: 'countersign/statement' as const,
    version: 1 as const,
    nonce,
    issuedAt: iso(issuedAt),
    expiresAt: iso(expiresAt),
    approver: { id: humanIdOf(look.signer), name: look.signer.name },
    key: { id: key.id, class: key.class },
    log,
    prev: look.authority.head.hash,
  };
}

const humanIdOf = (human: SignedHuman): Statement['approver']['id'] => human.id as Statement['approver']['id'];

async function logHead({ db }: Warden): Promise<{ events: number; head: string | null }> {
  const last = await db.auditEvent.findFirst({ orderBy: { seq: 'desc' }, select: { id: true } });
  return { events: await db.auditEvent.count(), head: last?.id ?? null };
}

/** Secrets that the warden has made for what is signed: shown once, afterwards. */
export interface Secrets {
  /** A service's introspection token. */
  readonly serviceToken?: string;
  /** What an agent asks with, and what it collects with; null where it has a key for that. */
  readonly agent?: { readonly token: string; readonly collect: string | null };
}

/** A statement with what goes along beside it. */
export interface Proposal<S extends Statement = Statement> {
  readonly statement: S;
  /** The ciphertext whose digest the statement holds. */
  readonly sealed?: string | null;
  readonly secrets?: Secrets;
}

/** Stores the statement for one use and hands it out. */
export async function offer(look: Look, { statement, sealed = null, secrets }: Proposal): Promise<Offer> {
  const { warden, authority, now, signer } = look;
  const text = sealStatement(statement);
  const id = newId('drf');
  await warden.db.draft.deleteMany({ where: { expiresAt: { lt: addSeconds(now, -86_400) } } });
  await warden.db.draft.create({
    data: {
      id,
      nonce: statement.nonce,
      humanId: signer.id,
      keyId: statement.key.id,
      kind: statement.kind,
      subjectId: subjectOf(statement),
      statement: text,
      sealed,
      revealed: secrets === undefined ? null : sealSecrets(warden, text, secrets),
      createdAt: now,
      expiresAt: new Date(statement.expiresAt),
    },
  });
  const keys = keysOf(authority, signer.id).map(({ id: keyId, label, class: kind, credentialId }) => ({
    id: keyId,
    label,
    class: kind,
    credentialId,
  }));
  return {
    draft: id,
    statement: text,
    rpId: warden.signing.rpId,
    keyId: statement.key.id,
    keys,
    back: backLink(warden, statement, signer),
  };
}

/** An unused draft whose time has not come, with its statement. Throws `draft_stale`. */
export async function openDraft({ db }: Warden, id: string): Promise<{ draft: Draft; statement: Statement }> {
  const draft = await db.draft.findUnique({ where: { id } });
  const now = await databaseNow(db);
  if (draft === null || draft.usedAt !== null || draft.expiresAt <= now) return refuse('draft_stale', STALE);
  const statement = openStatement(draft.statement);
  const same =
    statement.nonce === draft.nonce && statement.key.id === draft.keyId && statement.approver.id === draft.humanId;
  if (!same || new Date(statement.expiresAt) <= now) return refuse('draft_stale', STALE);
  return { draft, statement };
}

/** Sealed for these very bytes: signing other ones reveals nothing of it, whatever rows say. */
export const sealSecrets = ({ vault }: Warden, text: string, secrets: Secrets): string =>
  vault.seal(sha256Base64url(text), JSON.stringify(secrets));

/** What was made for the draft. */
export const secretsOf = ({ vault }: Warden, { statement, revealed }: Draft): { secrets?: Secrets } =>
  revealed === null ? {} : { secrets: JSON.parse(vault.open(sha256Base64url(statement), revealed)) as Secrets };

/** Takes the draft's one use, with whatever the caller's transaction does. */
export async function useDraft(tx: Tx, now: Date, id: string): Promise<void> {
  const { count } = await tx.draft.updateMany({
    where: { id, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now, sealed: null, revealed: null },
  });
  if (count !== 1) refuse('draft_stale', STALE);
}

function subjectOf(statement: Statement): string | null {
  switch (statement.kind) {
    case 'request.approve':
      return statement.request.id;
    case 'target.add':
    case 'target.renew':
    case 'target.disable':
      return statement.targetId;
    case 'agent.register':
    case 'agent.rotate':
    case 'agent.change':
    case 'agent.enable':
    case 'rest.allow':
    case 'rest.stop':
      return statement.agent.id;
    case 'freeze.thaw':
      return statement.freezeId;
    case 'gateway.replace':
      return statement.thumbprint;
    case 'keys.accept':
      return null;
    default:
      return statement.human.id;
  }
}

function backLink({ origins }: Warden, statement: Statement, signer: SignedHuman): string {
  const path = (): string => {
    switch (statement.kind) {
      case 'request.approve':
        return `/requests/${statement.request.id}`;
      case 'target.add':
      case 'target.renew':
      case 'target.disable':
        return '/targets';
      case 'freeze.thaw':
        return '/';
      case 'gateway.replace':
      case 'keys.accept':
        return '/settings';
      case 'agent.register':
      case 'agent.rotate':
      case 'agent.change':
      case 'agent.enable':
      case 'rest.allow':
      case 'rest.stop':
        return `/agents/${statement.agent.id}`;
      case 'key.enroll':
      case 'key.disable':
        return statement.human.id === signer.id ? '/settings' : '/people';
      default:
        return '/people';
    }
  };
  return origins.web + path();
}
