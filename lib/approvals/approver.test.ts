import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SignedHuman, SignedKey } from '#lib/authority';
import type { Seen } from '#lib/policy';
import { TargetConfig } from '#lib/targets';
import { type ApproverAuthority, type ApproverRefusal, approverRefusal, type FactsToApprove } from './approver';

/*
 * The cast: Ada owns the place and the bot that asks; Olga is the other owner,
 * Bob approves, Pat approves too but has only a passkey that is synced, Ray
 * reviews. Each has a key of their own name.
 */
const CAST = {
  ada: { role: 'owner', class: 'claimed' },
  olga: { role: 'owner', class: 'attested' },
  bob: { role: 'approver', class: 'claimed' },
  pat: { role: 'approver', class: 'synced' },
  ray: { role: 'reviewer', class: 'claimed' },
} as const satisfies Record<string, { role: SignedHuman['role']; class: SignedKey['class'] }>;
type Name = keyof typeof CAST;

const deploys = TargetConfig.parse({
  kind: 'token',
  name: 'deploys',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  audience: 'https://deploys.example',
  resources: ['deploy/*'],
  verbs: ['start', 'stop'],
  destructiveVerbs: ['stop'],
  introspected: true,
  serviceTokenHash: 'A'.repeat(43),
});
const production: TargetConfig = { ...deploys, environment: 'production' };

interface Scene {
  readonly people?: readonly Name[];
  readonly config?: TargetConfig;
  readonly seen?: (Seen & { readonly blocked?: string }) | null;
  readonly target?: Partial<FactsToApprove['target']>;
  readonly gone?: Name;
  readonly keyGone?: Name;
  readonly removed?: boolean;
  /** That production takes keys whose hardware nobody proved. */
  readonly acceptsClaimed?: boolean;
  /** Whose agent it is, where not Ada's. */
  readonly owner?: Name;
  /** Whose key is used, where it is not the person's own. */
  readonly key?: string;
}

function ask(by: string, scene: Scene): ApproverRefusal | null {
  const { people = ['ada', 'olga', 'bob', 'pat', 'ray'], config = deploys, seen = null } = scene;
  const authority: ApproverAuthority = {
    acceptsClaimed: scene.acceptsClaimed === true,
    humans: new Map(people.map((id) => [id, { id, role: CAST[id].role, active: id !== scene.gone }])),
    keys: new Map(
      people.map((id) => [
        id,
        { humanId: id, class: CAST[id].class, active: id !== scene.gone && id !== scene.keyGone },
      ]),
    ),
    targets: new Map([['tgt_1', { config, chainHash: 'entry', active: scene.removed !== true }]]),
  };
  const { name, kind, environment } = config;
  const facts = {
    agent: { owner: { id: scene.owner ?? 'ada' } },
    target: { id: 'tgt_1', name, kind, environment, chainHash: 'entry', ...scene.target },
    resources: ['deploy/api'],
    verbs: ['start'],
  };
  return approverRefusal(authority, facts, seen, { humanId: by, keyId: scene.key ?? by });
}

describe('Who may approve what Ada’s bot asks', () => {
  test.each<readonly [string, string, Scene, ApproverRefusal | null]>([
    ['an approver', 'bob', {}, null],
    ['another owner', 'olga', {}, null],
    ['an approver with a synced passkey, outside production', 'pat', {}, null],
    ['a reviewer does not', 'ray', {}, 'role'],
    ['nobody the chain does not know (T13)', 'mallory', {}, 'unknown'],
    ['nobody with another person’s key (T16)', 'pat', { key: 'bob' }, 'unknown'],
    ['nobody with a key the chain does not know', 'bob', { key: 'stolen' }, 'unknown'],
    ['nobody who was disabled (T66)', 'bob', { gone: 'bob' }, 'inactive'],
    ['nobody whose key was disabled (T66)', 'bob', { keyGone: 'bob' }, 'inactive'],

    ['production: an attested key', 'olga', { config: production }, null],
    ['production: no key that nobody proved (T89)', 'bob', { config: production }, 'key_unproven'],
    [
      'production: one that nobody proved, where that is accepted',
      'bob',
      { config: production, acceptsClaimed: true },
      null,
    ],
    [
      'production by the provider’s word: no key that nobody proved',
      'bob',
      { seen: { environment: 'Production' } },
      'key_unproven',
    ],
    ['staging: a key that nobody proved', 'bob', { seen: { environment: 'staging' } }, null],
    [
      'production: no synced passkey, whatever is accepted',
      'pat',
      { config: production, acceptsClaimed: true },
      'key_class',
    ],
    ['production: no synced passkey (T11)', 'pat', { config: production }, 'key_class'],
    [
      'production by the provider’s word: no synced passkey',
      'pat',
      { seen: { environment: 'Production' } },
      'key_class',
    ],
    ['staging by the provider’s word', 'pat', { seen: { environment: 'staging' } }, null],

    ['nobody, where what it would do could not be found out (P7)', 'olga', { seen: { blocked: 'why' } }, 'blocked'],
    ['nobody, its owner who is alone least of all', 'ada', { people: ['ada'], seen: { blocked: 'why' } }, 'blocked'],

    ['its owner does not, while others could (T14)', 'ada', {}, 'own_agent'],
    ['its owner, who is alone', 'ada', { people: ['ada'] }, null],
    ['its owner, beside a reviewer only', 'ada', { people: ['ada', 'ray'] }, null],
    ['its owner, beside somebody disabled', 'ada', { people: ['ada', 'bob'], gone: 'bob' }, null],
    ['its owner, beside somebody whose only key is gone', 'ada', { people: ['ada', 'bob'], keyGone: 'bob' }, null],
    ['its owner not, beside somebody with a passkey', 'ada', { people: ['ada', 'pat'] }, 'own_agent'],
    [
      'its owner, in production beside a passkey only',
      'ada',
      { people: ['ada', 'pat'], config: production, acceptsClaimed: true },
      null,
    ],
    [
      'its owner, in production, beside a key there that nobody proved',
      'olga',
      { people: ['olga', 'bob'], config: production, owner: 'olga' },
      null,
    ],
    [
      'its owner not, where the target says so',
      'ada',
      { people: ['ada'], config: { ...deploys, soleOwnerMayApprove: false } },
      'own_agent',
    ],

    ['nobody, where the target is disabled', 'bob', { removed: true }, 'target'],
    ['nobody, where the target is another', 'bob', { target: { id: 'tgt_2' } }, 'target'],
    ['nobody, where it was signed anew (T3)', 'bob', { target: { chainHash: 'before' } }, 'target'],
    ['nobody, where its name differs', 'bob', { target: { name: 'docs' } }, 'target'],
    ['nobody, where its environment differs (T3)', 'bob', { target: { environment: 'development' } }, 'target'],
    ['nobody, where its kind differs', 'bob', { target: { kind: 'postgres' } }, 'target'],
  ])('%s', (_case, by, scene, refusal) => {
    expect(ask(by, scene)).toBe(refusal);
  });

  test('an approver’s own agent needs somebody else, even where they are alone', () => {
    const authority: ApproverAuthority = {
      acceptsClaimed: true,
      humans: new Map([['bob', { id: 'bob', role: 'approver', active: true }]]),
      keys: new Map([['bob', { humanId: 'bob', class: 'claimed', active: true }]]),
      targets: new Map([['tgt_1', { config: deploys, chainHash: 'entry', active: true }]]),
    };
    const { name, kind, environment } = deploys;
    const facts = {
      agent: { owner: { id: 'bob' } },
      target: { id: 'tgt_1', name, kind, environment, chainHash: 'entry' },
      resources: ['deploy/api'],
      verbs: ['start'],
    };
    expect(approverRefusal(authority, facts, null, { humanId: 'bob', keyId: 'bob' })).toBe('own_agent');
  });
});

/*
 * What a second rule would need: the roles and the key class that a request
 * takes, or whether a target lets its sole owner approve.
 */
const RULE = /\broles\s*\.\s*includes\(|\bconfig\.soleOwnerMayApprove\b|\bkeyClass\s*[!=]==/;
const USE = /\bapproverRefusal\(/;

/** Sources in which the pattern stands, tests and generated code left out. */
function sourcesWith(pattern: RegExp, sources: ReadonlyMap<string, string>): string[] {
  return [...sources].filter(([, text]) => pattern.test(text)).map(([path]) => path);
}

function ownSources(): Map<string, string> {
  const paths = ['lib', 'warden', 'gateway', 'app', 'components'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  const own = paths.filter((path) => /\.tsx?$/.test(path) && !/\.test\.|generated|attacks/.test(path));
  return new Map(own.sort().map((path) => [path, readFileSync(path, 'utf8')]));
}

describe('The rule stands in one place', () => {
  const sources = ownSources();

  test('and nowhere else is put together again', () => {
    expect(sources.size).toBeGreaterThan(300);
    expect(sourcesWith(RULE, sources)).toEqual([
      'lib/approvals/approver.ts',
      // It tells people what a target's owner signed, and decides nothing.
      'lib/console/read/targets.ts',
    ]);
  });

  test('asked by the page and the signature, the mint, and the console’s button', () => {
    expect(sourcesWith(USE, sources)).toEqual([
      'lib/approvals/approver.ts',
      'lib/approvals/verify.ts',
      'lib/console/permissions.ts',
      'warden/sign/signing/approval.ts',
    ]);
  });

  test.each([
    'if (!requirements.roles.includes(human.role)) return false;',
    "const fits = (key: Key) => keyClass === 'any' || key.class !== 'synced';",
    'const alone = target.config.soleOwnerMayApprove && others.length === 0;',
  ])('which a second rule is noticed by: %s', (line) => {
    expect(sourcesWith(RULE, new Map([['warden/sign/again.ts', line]]))).toEqual(['warden/sign/again.ts']);
  });
});
