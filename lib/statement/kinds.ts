import { z } from 'zod';
import { Operation, TARGET_KINDS, TargetConfig } from '#lib/targets';

const id = <P extends string>(prefix: P) =>
  z.templateLiteral([z.literal(`${prefix}_`), z.string().regex(/^[0-9a-z]{20}$/)]);
const Instant = z.iso.datetime({ precision: 3 });
const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const Role = z.enum(['owner', 'approver', 'reviewer']);
/** `hardware` stands in what was signed before attestations were verified; `lib/authority` reads it as `claimed`. */
const KeyClass = z.enum(['attested', 'claimed', 'hardware', 'synced']);

/** A key as its enrolment records it. */
export const KeyFacts = z.strictObject({
  id: id('key'),
  credentialId: z.string().min(1).max(1400),
  publicKey: z.string().min(1).max(4000),
  class: KeyClass,
  aaguid: z.string(),
  label: z.string().min(1).max(60),
});
export type KeyFacts = z.infer<typeof KeyFacts>;

const HumanFacts = z.strictObject({
  id: id('hum'),
  name: z.string().min(1).max(80),
  email: z.email().max(200),
  role: Role,
});

/** A table or an object that the operation would touch, as the target names it. */
const Touched = z.strictObject({
  resource: z.string(),
  /** `update`, `delete`, `cascade delete`, … */
  how: z.string(),
  /** Rows that a run counted which was then rolled back, or null. */
  countedRows: z.int().nullable(),
  /** Rows that the target holds or its planner expects, or null. */
  estimatedRows: z.int().nullable(),
});

/** A line of what was looked up. */
const Found = z.strictObject({
  label: z.string(),
  /** Null where the look-up failed: the page says UNKNOWN. */
  values: z.array(z.string()).nullable(),
  weight: z.enum(['plain', 'danger']),
  /** Whether another value at the time of running is drift, which stops the operation (T4). */
  bound: z.boolean(),
});
export type Found = z.infer<typeof Found>;

/** What the request would do, as the warden found it out. Nothing here is the agent's word. */
export const Preview = z.strictObject({
  /** One plain sentence for each effect. */
  effects: z.array(z.string()),
  touched: z.array(Touched),
  warnings: z.array(z.string()),
  /** The most rows that an exact operation may touch; null for a credential. */
  maxRows: z.int().nullable(),
  /** PostgreSQL's own text of the plan, or null. */
  plan: z.string().nullable(),
  /** What the ids in an exact operation stand for, as the provider answered. */
  found: z.array(Found).optional(),
  /** The environment that the provider puts the thing in; null where it did not say. */
  environment: z.string().nullable().optional(),
  /** The thing's own name, which the page asks for; null where it has none that can be typed. */
  subject: z.string().nullable().optional(),
  /** The process that looked, where it is not the warden itself. */
  by: z.literal('gateway').optional(),
  /** Why nobody may approve it, for people. It rests on what was found, which the agent may not be told. */
  blocked: z.string().optional(),
});
export type Preview = z.infer<typeof Preview>;

/** The whole request. It is signed in full, so that the page shows each part of it. */
export const RequestFacts = z.strictObject({
  id: id('req'),
  filedAt: Instant,
  agent: z.strictObject({
    id: id('agt'),
    name: z.string(),
    owner: z.strictObject({ id: id('hum'), name: z.string() }),
    /** SHA-256 of the ask token. Where the agent has another by the time it collects, nothing is minted. */
    tokenThumbprint: Digest,
    /** RFC 7638 thumbprint of the agent's key, or null. */
    keyThumbprint: Digest.nullable(),
  }),
  target: z.strictObject({
    id: id('tgt'),
    name: z.string(),
    kind: z.enum(TARGET_KINDS),
    environment: z.string(),
    chainHash: Digest,
  }),
  resources: z.array(z.string()).min(1),
  verbs: z.array(z.string()).min(1),
  operation: Operation.nullable(),
  claims: z.strictObject({ reason: z.string(), ticketUrl: z.string().nullable() }),
});
export type RequestFacts = z.infer<typeof RequestFacts>;

const { id: AgentId, name: AgentName, owner: AgentOwner } = RequestFacts.shape.agent.shape;
const Agent = z.strictObject({ id: AgentId, name: AgentName, owner: AgentOwner });

/** What an agent proves itself with, as digests: the warden made the secrets and showed them once. */
export const AgentSecrets = z.strictObject({
  /** SHA-256 of the ask token, base64url. */
  tokenThumbprint: Digest,
  /** Its last four characters, which belong to the checksum. */
  tokenHint: z.string().length(4),
  /** SHA-256 of the collect secret, base64url; null for an agent with a key, which collects with a proof of that. */
  collectThumbprint: Digest.nullable(),
  /** A public key that the agent proves with DPoP, or null. */
  publicJwk: z
    .discriminatedUnion('kty', [
      z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: Digest, y: Digest }),
      z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: Digest }),
    ])
    .nullable(),
  /** RFC 7638 thumbprint of that key, base64url, which people compare; or null. */
  keyThumbprint: Digest.nullable(),
  /** When the secrets stop working. */
  expiresAt: Instant,
});
export type AgentSecrets = z.infer<typeof AgentSecrets>;

const NewAgent = Agent.extend({ description: z.string().max(500), secrets: AgentSecrets });
export type NewAgentFacts = z.infer<typeof NewAgent>;

const Envelope = {
  type: z.literal('countersign/statement'),
  version: z.literal(1),
  /** Consumed in the transaction that records the signature (T5). */
  nonce: z.string().min(20).max(60),
  issuedAt: Instant,
  expiresAt: Instant,
  approver: z.strictObject({ id: id('hum'), name: z.string() }),
  key: z.strictObject({ id: id('key'), class: KeyClass }),
  /** The record when the statement was built: the number of events and the id of the last. */
  log: z.strictObject({ events: z.int(), head: z.string().nullable() }),
};

const Approve = z.strictObject({
  ...Envelope,
  kind: z.literal('request.approve'),
  decision: z.literal('approve'),
  request: RequestFacts,
  preview: Preview,
  previewDigest: Digest,
  limits: z.strictObject({
    ttlSeconds: z.int().min(1),
    maxUses: z.int().min(1).nullable(),
    collectWithinSeconds: z.int().min(1),
    cooldownSeconds: z.int().min(0),
  }),
  policy: z.strictObject({ hash: Digest, quorum: z.int().min(1), keyClass: z.enum(['hardware', 'any']) }),
  /**
   * What the page demanded to be typed before it called the key, or null. The
   * signature covers the demand, not the typing: no byte of what was typed is signed.
   */
  confirm: z.string().nullable(),
});
export type ApproveStatement = z.infer<typeof Approve>;

/** Every entry of the authority chain carries the hash of the entry before it. */
const Link = { ...Envelope, prev: Digest };
const chain = <K extends string, S extends z.ZodRawShape>(kind: K, body: S) =>
  z.strictObject({ ...Link, kind: z.literal(kind), ...body });

/** The first entry. There is no key yet to sign it; the warden's pin holds its hash outside the database. */
export const Genesis = z.strictObject({
  type: z.literal('countersign/statement'),
  version: z.literal(1),
  kind: z.literal('installation.set_up'),
  installation: z.string(),
  rpId: z.string(),
  issuedAt: Instant,
  human: HumanFacts,
  enrolled: KeyFacts,
  /** RFC 7638 thumbprint of the gateway's key. */
  gateway: Digest,
  /** Whether production takes keys whose hardware nobody proved. Absent in entries made before it was asked. */
  acceptsClaimed: z.boolean().exactOptional(),
  /** The public key of the founder's recovery code. */
  recovery: KeyFacts.exactOptional(),
});
export type Genesis = z.infer<typeof Genesis>;

const wardens = <K extends string, S extends z.ZodRawShape>(kind: K, body: S) =>
  z.strictObject({
    type: z.literal('countersign/statement'),
    version: z.literal(1),
    kind: z.literal(kind),
    issuedAt: Instant,
    prev: Digest,
    ...body,
  });

/** An entry that no person signs: the agent itself, with its key, takes a new token. The old one goes on for a while. */
export const Renewal = wardens('agent.renew', {
  agent: Agent.omit({ owner: true }),
  secrets: AgentSecrets,
  /** When the old token ends. */
  until: Instant,
});
export type Renewal = z.infer<typeof Renewal>;

/** An entry that no person signs: a key whose signature is worth nothing any more counts no longer. */
const Retirement = wardens('key.retire', {
  human: HumanFacts.pick({ id: true, name: true }),
  retired: KeyFacts.pick({ id: true, label: true }),
  /** In words: what was seen. */
  why: z.string().min(1).max(500),
});
export type Retirement = z.infer<typeof Retirement>;

/** What the warden signs itself. */
export const WardenEntry = z.discriminatedUnion('kind', [Renewal, Retirement]);
export type WardenEntry = z.infer<typeof WardenEntry>;

const Chain = [
  chain('human.admit', { human: HumanFacts, enrolled: KeyFacts }),
  chain('human.role', { human: HumanFacts, roleBefore: Role, agentsTo: AgentOwner.nullish() }),
  /** Their agents go to somebody else, or are turned off. */
  chain('human.disable', { human: HumanFacts, agentsTo: AgentOwner.nullish() }),
  chain('key.enroll', { human: HumanFacts, enrolled: KeyFacts }),
  chain('key.disable', { human: HumanFacts, disabled: z.strictObject({ id: id('key'), label: z.string() }) }),
  chain('keys.accept', { acceptsClaimed: z.boolean() }),
  chain('target.add', {
    targetId: id('tgt'),
    target: TargetConfig,
    /** Of the secret's ciphertext: the warden's, or for a provider the gateway's. */
    secretDigest: Digest,
    /** Of the gateway's signed report on it; null where the warden looked itself. */
    report: Digest.nullable(),
    /** Registered with it, so that a first target and its first agent take one signature. */
    agent: NewAgent.nullish(),
  }),
  chain('target.renew', {
    targetId: id('tgt'),
    name: z.string(),
    environment: z.string(),
    secret: z.enum(['replaced', 'kept']),
    /** Digest of the secret's ciphertext, which is new also where the secret was kept. */
    secretDigest: Digest,
    /** Digest of the provider's schema as of now; null where the target has none. */
    schemaHash: Digest.nullable(),
    /** Of the gateway's signed report. */
    report: Digest,
  }),
  chain('target.disable', { targetId: id('tgt'), name: z.string(), environment: z.string() }),
  chain('agent.register', { agent: NewAgent }),
  /** Other secrets, with or without another key. The old ones are over. */
  chain('agent.rotate', { agent: Agent, secrets: AgentSecrets, keyBefore: Digest.nullable() }),
  chain('agent.change', { agent: Agent, before: Agent.omit({ id: true }) }),
  chain('agent.enable', { agent: Agent }),
  chain('rest.allow', {
    agent: RequestFacts.shape.agent,
    target: RequestFacts.shape.target,
    reads: z.array(z.string()).min(1),
    ttlSeconds: z.int().min(60).max(3_600),
  }),
  chain('freeze.thaw', {
    freezeId: id('frz'),
    /** A person, or `warden` where the database was put back in time: who ends that freeze accepts the loss. */
    frozenBy: z.strictObject({ id: z.string().min(1).max(100), name: z.string() }),
    frozenAt: Instant,
    reason: z.string(),
  }),
  chain('gateway.replace', {
    /** RFC 7638 thumbprint of the gateway's new key, and of the one that counts until then. */
    thumbprint: Digest,
    before: Digest,
  }),
  chain('rest.stop', {
    agent: z.strictObject({ id: id('agt'), name: z.string() }),
    target: z.strictObject({ id: id('tgt'), name: z.string() }),
  }),
] as const;

export const ChainStatement = z.discriminatedUnion('kind', Chain);
export type ChainStatement = z.infer<typeof ChainStatement>;

/** An entry of the chain but for the first: a person signed it, or the warden. */
export const Entry = z.discriminatedUnion('kind', [Renewal, Retirement, ...Chain]);
export type Entry = z.infer<typeof Entry>;

export const Statement = z.discriminatedUnion('kind', [Approve, ...Chain]);
export type Statement = z.infer<typeof Statement>;
export type StatementKind = Statement['kind'];
