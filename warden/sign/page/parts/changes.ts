import type { ApproveStatement, Statement } from '#lib/statement';
import { formatDuration, keyClassWords } from '#lib/text';

export type Change = Exclude<Statement, ApproveStatement>;

type Row = readonly [label: string, template: string];

const KEY: readonly Row[] = [
  ['Key', '{enrolled.label}'],
  ['Kind of key', '{enrolled.class}'],
];

/** What each change says first: a title, then rows. `{path}` stands for the value there; a row without its value is left out. */
const WORDS: Readonly<Record<Change['kind'], readonly [title: string, ...rows: Row[]]>> = {
  'human.admit': ['Let {human.name} in as {human.role}', ['E-mail', '{human.email}'], ['Role', '{human.role}'], ...KEY],
  'human.role': [
    'Make {human.name} {human.role}',
    ['E-mail', '{human.email}'],
    ['Now', '{roleBefore}'],
    ['As a reviewer', 'They decide nothing: what they alone approved ends. Agents they keep are disabled.'],
    ['Their agents go to', '{agentsTo.name}'],
  ],
  'human.disable': [
    'Disable {human.name}',
    ['E-mail', '{human.email}'],
    [
      'Effect',
      'Their keys stop counting at once. What they alone approved ends, and what their agents asked and hold.',
    ],
    ['Their agents', '{agentsTo}'],
  ],
  'key.enroll': ['Add a key for {human.name}', ...KEY],
  'key.disable': [
    'Disable the key {disabled.label}',
    ['Of', '{human.name}'],
    ['Effect', 'It counts no more, at once. What a key alone approved ends, and its person is signed out.'],
    ['If it is a recovery code', 'It lets nobody in any more, and there is no new one.'],
  ],
  'keys.accept': [
    'Decide on keys whose hardware nobody proved',
    ['May they sign for production', '{acceptsClaimed}'],
    ['Means', 'A key that only says it is hardware may be software that somebody copied.'],
    ['Effect', 'It counts at once. With no, what such keys alone approved in production ends.'],
  ],
  'target.add': [
    'Add the target {target.name}',
    ['Environment', '{target.environment}'],
    ['Database', '{target.user}@{target.host}:{target.port}/{target.database}'],
    ['TLS', '{target.tls}'],
    ['Schemas', '{target.schemas}'],
    ['Readable at rest', '{target.restReads}'],
    ['Previews may count rows', '{target.countRows}'],
    ['Profile', '{target.profile}'],
    ['Address', '{target.url}'],
    ['The secret goes into', '{target.secretIn.place}'],
    ['Named', '{target.secretIn.name}'],
    ['Schema it is classified by', '{target.schemaHash}'],
    ['Also read at rest', '{target.opens}'],
    ['Safe, but not at rest', '{target.closes}'],
    ['May be in a private network', '{target.privateNetwork}'],
    ['Longest body classified, bytes', '{target.maxBodyBytes}'],
    ['Reads go on without the database for', '{target.outageSeconds}'],
    ['Never approve what nobody can look up', '{target.refuseUnknown}'],
    ['Audience', '{target.audience}'],
    ['Resources', '{target.resources}'],
    ['Verbs', '{target.verbs}'],
    ['Of these, destructive', '{target.destructiveVerbs}'],
    ['The service asks on every call', '{target.introspected}'],
    ['Longest grant', '{target.maxTtlSeconds}'],
    ['A sole owner may approve what their own agent asks', '{target.soleOwnerMayApprove}'],
    ['Its first agent', '{agent.name}'],
    ['Agent of', '{agent.owner.name}'],
    ['The agent’s secrets end', '{agent.secrets.expiresAt}'],
  ],
  'agent.register': [
    'Register the agent {agent.name}',
    ['Owner, who answers for it', '{agent.owner.name}'],
    ['Description', '{agent.description}'],
    ['It can', 'Ask, read what was allowed to it, and collect what people approve. It approves nothing.'],
    ['Collects with', '{agent.secrets.keyThumbprint}'],
    ['Compare', 'This key with the one the agent has ({agent.secrets.publicJwk.crv}). Another one: do not sign.'],
    ['Its secrets end', '{agent.secrets.expiresAt}'],
    ['Afterwards', 'Its secrets are shown here, once.'],
  ],
  'agent.rotate': [
    'Give {agent.name} new secrets',
    ['Owner', '{agent.owner.name}'],
    ['Collects with', '{secrets.keyThumbprint}'],
    ['Compare', 'This key with the one the agent has ({secrets.publicJwk.crv}). Another one: do not sign.'],
    ['Until now with', '{keyBefore}'],
    ['They end', '{secrets.expiresAt}'],
    ['Effect', 'The old ones stop at once. What it asked is denied, what it holds ends; it still reads at rest.'],
    ['Afterwards', 'The new ones are shown here, once.'],
  ],
  'agent.change': [
    'Change the agent {before.name}',
    ['Name', '{agent.name}'],
    ['Owner, who answers for it', '{agent.owner.name}'],
    ['Owner until now', '{before.owner.name}'],
    [
      'Effect',
      'With another owner its secrets and its reading at rest end, what it asked is denied, and what it holds ends.',
    ],
  ],
  'agent.enable': [
    'Turn {agent.name} on again',
    ['Owner, who answers for it', '{agent.owner.name}'],
    ['Effect', 'It asks again and reads at rest with the secrets it had, until these end. What ended stays ended.'],
  ],
  'target.renew': [
    'Renew the target {name}',
    ['Environment', '{environment}'],
    ['Secret', '{secret}'],
    ['Schema it is classified by', '{schemaHash}'],
    ['Effect', 'What the provider has added since is known from now on; its classes are the profile’s.'],
  ],
  'target.disable': [
    'Disable the target {name}',
    ['Environment', '{environment}'],
    ['Effect', 'Nothing is granted on it any more, and what is live there ends.'],
  ],
  'rest.allow': [
    'Let {agent.name} read without asking',
    ['Target', '{target.name}'],
    ['Environment', '{target.environment}'],
    ['May read', '{reads}'],
    ['Each time for', '{ttlSeconds}'],
    ['Agent of', '{agent.owner.name}'],
  ],
  'freeze.thaw': [
    'Thaw: agents can get things again, on new approvals',
    ['Frozen by', '{frozenBy.name}'],
    ['Since', '{frozenAt}'],
    ['Reason', '{reason}'],
  ],
  'gateway.replace': [
    'Give the gateway another key',
    ['New key', '{thumbprint}'],
    ['Compare', 'The new key with “gatewayKey” in gateway.log on the gateway’s host. Another one: do not sign.'],
    ['Until now', '{before}'],
    ['Effect', 'What the gateway says of providers counts by the new key alone, at once.'],
    ['Afterwards', 'Every provider’s secret is typed again; until then nothing passes there. Databases go on.'],
  ],
  'rest.stop': ['Stop {agent.name} reading without asking', ['Target', '{target.name}']],
};

/** The change in words, each row a label and a value. */
export function inWords(change: Change): { readonly title: string; readonly rows: readonly Row[] } {
  const [title, ...known] = WORDS[change.kind];
  // Through the gateway there is no credential that could live for a time.
  const collects = change.kind !== 'rest.allow' || !['graphql', 'http'].includes(change.target.kind);
  const reviews = change.kind === 'human.role' && change.human.role === 'reviewer';
  const shownIf = { 'Each time for': collects, 'As a reviewer': reviews } as Readonly<Record<string, boolean>>;
  const rows = known.filter(([label]) => shownIf[label] ?? true);
  const filled = rows.map(([label, template]) => [label, fill(change, template)] as const);
  return { title: fill(change, title) ?? change.kind, rows: filled.filter((row): row is Row => row[1] !== null) };
}

function fill(change: Change, template: string): string | null {
  const paths = [...template.matchAll(/\{([\w.]+)\}/g)].map(([, path = '']) => path);
  if (paths.some((path) => valueAt(change, path) === undefined)) return null;
  return template.replace(/\{([\w.]+)\}/g, (_, path: string) => said(path, valueAt(change, path)));
}

const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);

function said(path: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ') || 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (path === 'agentsTo') return value === null ? 'are disabled' : `go to ${valueAt(value, 'name')}`;
  if (/keyThumbprint$|keyBefore$/.test(path))
    return value === null ? 'a collect secret, which only the warden is shown' : String(value);
  if (path.endsWith('At')) return String(value).replace(/^(.{10})T(.{5}).*$/, '$1 $2 UTC');
  if (path.endsWith('class')) return keyClassWords(String(value));
  return path.endsWith('Seconds') ? formatDuration(Number(value)) : String(value);
}
