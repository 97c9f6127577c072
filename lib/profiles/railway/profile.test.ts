import {
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  fieldVerdict,
  KINDS,
  present,
  type RootKind,
  railwaySchema,
  reachable,
  rootsOf,
  VECTOR,
} from '#testing/provider';
import { OPERATION_CLASSES, pairsOf, type Rule } from '..';
import { railway } from './profile';

const schema = present ? railwaySchema() : undefined;
const fieldsOf = (kind: RootKind) => (schema === undefined ? {} : rootsOf(schema, kind));
const rulesOf = (kind: RootKind): ReadonlyArray<readonly [string, Rule]> => Object.entries(railway[kind]);
const typesOf = (kind: RootKind, wanted: (rule: Rule) => boolean) =>
  rulesOf(kind).flatMap(([name, rule]) => {
    const field = fieldsOf(kind)[name];
    return field !== undefined && wanted(rule) ? [field.type] : [];
  });

/** `sensitive` and `escalating` never pass without a person; these match a name filter and yet are neither. */
const REASONS: Readonly<Record<string, string>> = {
  'query apiToken': 'the ids and names of the workspaces the token in use reaches; nothing of the token',
};
const SECRET_NAME = /variable|token|credential|session|key|secret|ssh|invit|recovery|twofactor/i;
const MINTING_NAME = /token|credential|session|key|secret|ssh|invit|recovery|twofactor|member|permission/i;

describe.skipIf(!present)(`Railway’s profile against its own schema (skipped where ${VECTOR} is absent)`, () => {
  test.each(KINDS)('names every %s once, and none that is not there', (kind) => {
    expect(
      rulesOf(kind)
        .map(([name]) => name)
        .sort(),
    ).toEqual(Object.keys(fieldsOf(kind)).sort());
  });

  test('is for the schema of 152 queries, 230 mutations and 13 subscriptions, and these are its classes', () => {
    const counts = Object.fromEntries(
      KINDS.map((kind) => [
        kind,
        Object.fromEntries(
          OPERATION_CLASSES.map((one) => [one, rulesOf(kind).filter(([, [level]]) => level === one).length]),
        ),
      ]),
    );
    for (const kind of KINDS) {
      const words = OPERATION_CLASSES.map((one) => `${counts[kind]?.[one]} ${one}`).join(', ');
      console.info(`Railway: ${rulesOf(kind).length} ${kind === 'query' ? 'queries' : `${kind}s`}: ${words}`);
    }
    expect(counts).toEqual({
      query: { safe: 88, sensitive: 63, write: 0, destructive: 0, escalating: 1 },
      mutation: { safe: 0, sensitive: 0, write: 108, destructive: 40, escalating: 82 },
      subscription: { safe: 5, sensitive: 8, write: 0, destructive: 0, escalating: 0 },
    });
  });

  test('every path to an id leads to ids in the arguments, through one list at most', () => {
    for (const kind of KINDS)
      for (const [name, [, , , path]] of rulesOf(kind)) {
        if (path === undefined) continue;
        expect(['String', 'ID'], `${kind} ${name}: ${path}`).toContain(leafAt(kind, name, path));
      }
  });

  test('where an argument that every call has could name the thing, a mutation is not left without an id', () => {
    const bare = rulesOf('mutation').filter(([, [, , , path]]) => path === undefined);
    const ids = bare.flatMap(
      ([name]) =>
        fieldsOf('mutation')
          [name]?.args.filter(isRequiredId)
          .map((arg) => `${name}.${arg.name}`) ?? [],
    );
    expect(ids).toEqual([]);
  });

  test('the names that speak of variables, tokens, credentials, sessions and keys are all kept back (T31, T32)', () => {
    const open = [
      ...Object.keys(fieldsOf('query'))
        .filter((name) => SECRET_NAME.test(name))
        .map((name) => ['query', name] as const),
      ...Object.keys(fieldsOf('mutation'))
        .filter((name) => MINTING_NAME.test(name))
        .map((name) => ['mutation', name] as const),
    ];
    expect(open.filter(([kind]) => kind === 'query').length).toBeGreaterThanOrEqual(16);
    expect(open.filter(([kind]) => kind === 'mutation').length).toBeGreaterThanOrEqual(18);
    const passing = open
      .filter(([kind, name]) => !['sensitive', 'escalating'].includes(railway[kind][name]?.[0] ?? ''))
      .map(([kind, name]) => `${kind} ${name}`);
    expect(passing).toEqual(Object.keys(REASONS));
  });

  test.each([
    ['query variables', 'sensitive'],
    ['query bucketS3Credentials', 'sensitive'],
    ['query deploymentSnapshot', 'sensitive'],
    ['query deploymentLogs', 'sensitive'],
    ['query projectInviteCode', 'escalating'],
    ['mutation volumeUpdate', 'write'],
    ['mutation volumeDelete', 'destructive'],
    ['mutation volumeInstanceUpdate', 'destructive'],
    ['mutation environmentPatchCommit', 'destructive'],
    ['mutation environmentRename', 'escalating'],
    ['mutation volumeInstanceBackupDelete', 'escalating'],
    ['mutation volumeInstanceBackupScheduleUpdate', 'escalating'],
    ['mutation disablePitrForHaCluster', 'escalating'],
    ['mutation twoFactorInfoDelete', 'escalating'],
    ['mutation sandboxExec', 'escalating'],
    ['mutation apiTokenCreate', 'escalating'],
    ['mutation loginSessionConsume', 'escalating'],
    ['mutation projectMemberAdd', 'escalating'],
  ])('%s is %s', (operation, level) => {
    const [kind, name] = operation.split(' ') as [RootKind, string];
    expect(railway[kind][name]?.[0]).toBe(level);
  });

  test('no mutation passes at rest, and no subscription or query changes anything but one', () => {
    expect(rulesOf('mutation').filter(([, [level]]) => level === 'safe' || level === 'sensitive')).toEqual([]);
    const changing = [...rulesOf('query'), ...rulesOf('subscription')].filter(
      ([, [level]]) => !['safe', 'sensitive'].includes(level),
    );
    expect(changing.map(([name]) => name)).toEqual(['projectInviteCode']);
  });
});

describe('The words of a grant', () => {
  test('stand for one class each: what is harmless never brings along what is not', () => {
    const classes = new Map<string, string[]>();
    for (const { resource, verb, class: klass } of pairsOf(railway)) {
      const key = `${resource}: ${verb}`;
      classes.set(key, [...(classes.get(key) ?? []), klass]);
    }
    expect([...classes].filter(([, all]) => all.length > 1)).toEqual([]);
  });

  test('are plain: kinds and verbs in lower case, with hyphens', () => {
    for (const { resource, verb } of pairsOf(railway)) {
      expect(resource).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
      expect(verb).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
    }
  });

  test('a read is called read, and nothing else is', () => {
    const reads = pairsOf(railway).filter(({ class: klass }) => klass === 'safe' || klass === 'sensitive');
    expect(new Set(reads.map(({ verb }) => verb))).toEqual(new Set(['read']));
    expect(pairsOf(railway).filter(({ verb }) => verb === 'read')).toEqual(reads);
  });

  test('know the examples of the documentation', () => {
    expect(railway.mutation['volumeUpdate']).toEqual(['write', 'volume', 'update', 'volumeId']);
    expect(railway.mutation['volumeDelete']).toEqual(['destructive', 'volume', 'delete', 'volumeId']);
    expect(railway.mutation['serviceInstanceRedeploy']).toEqual(['write', 'service', 'redeploy', 'serviceId']);
  });
});

/** Scalars nobody can see into, and why these may pass. */
const SEEN_THROUGH: Readonly<Record<string, string>> = {
  'EdgeConfig.purgeEpochByKind': 'a counter for each kind of cache',
  'Environment.canvasGroupRefs': 'which boxes stand in which group on the canvas',
  'EnvironmentMeta.skippedResourceIds': 'ids',
  'ExternalWorkspace.subscriptionPlanLimit': 'limits of the plan',
  'ObservabilityDashboardItemInstance.displayConfig': 'where a tile stands',
  'Project.subscriptionPlanLimit': 'limits of the plan',
  'Template.canvasConfig': 'where the boxes of a published template stand',
  'Template.supportHealthMetrics': 'how well a template is looked after',
  'Workspace.subscriptionPlanLimit': 'limits of the plan',
};
const PLAIN_SCALARS = ['ID', 'String', 'Int', 'Float', 'Boolean', 'DateTime', 'BigInt'];

describe.skipIf(!present)(`Fields below the roots (skipped where ${VECTOR} is absent)`, () => {
  const watched = (name: string): boolean => fieldVerdict(railway, name) !== null;
  const fromSafe = () =>
    schema === undefined
      ? new Map()
      : reachable(
          schema,
          [
            ...typesOf('query', ([level]) => level === 'safe'),
            ...typesOf('subscription', ([level]) => level === 'safe'),
          ],
          watched,
        );
  const fromAll = () =>
    schema === undefined
      ? new Map()
      : reachable(
          schema,
          KINDS.flatMap((kind) => typesOf(kind, () => true)),
          () => false,
        );

  test('every entry names a field there is', () => {
    const all = fromAll();
    const stale = [...Object.keys(railway.nested), ...railway.harmless].filter((name) => !all.has(name));
    expect(stale).toEqual([]);
  });

  test('all of them are sensitive, and none is excused as well', () => {
    expect(Object.values(railway.nested).filter(([level]) => level !== 'sensitive')).toEqual([]);
    expect(Object.keys(railway.nested).filter((name) => railway.harmless.has(name))).toEqual([]);
  });

  test('nothing is excused that its name does not accuse', () => {
    const idle = [...railway.harmless].filter((name) => !railway.suspicious.test(name.split('.')[1] ?? ''));
    expect(idle).toEqual([]);
  });

  test('what is reached from a safe root and accused by its name is named by hand, one way or the other (T32)', () => {
    const left = [...fromSafe().keys()].filter((name) => fieldVerdict(railway, name) === 'suspected');
    expect(left).toEqual([]);
  });

  test('no blob of JSON is reached from a safe root unless it is known what is in it', () => {
    const blobs = [...fromSafe()]
      .filter(([name, { type }]) => {
        const inside = getNamedType(type);
        return (
          isLeafType(inside) &&
          !isEnumType(inside) &&
          !PLAIN_SCALARS.includes(inside.name) &&
          fieldVerdict(railway, name) === null
        );
      })
      .map(([name]) => name);
    const accepted = Object.keys(SEEN_THROUGH);
    expect(blobs.filter((name) => !accepted.includes(name))).toEqual([]);
    expect(accepted.filter((name) => !blobs.includes(name))).toEqual([]);
  });

  test.each([
    'Environment.variables',
    'Environment.config',
    'EnvironmentPatch.patch',
    'Plugin.variables',
    'DeploymentSnapshot.variables',
    'Deployment.meta',
    'Template.serializedConfig',
    'ServiceInstance.startCommand',
    'BucketS3CompatibleCredentials.secretAccessKey',
    'NotificationChannel.config',
    'Integration.config',
    'ApiToken.displayToken',
    'ProjectToken.displayToken',
    'RecoveryCodes.recoveryCodes',
    'TwoFactorInfoSecret.secret',
    'User.email',
    'WorkspaceMember.email',
    'Project.members',
    'Workspace.customer',
    'CloudAgent.sessions',
  ])('%s does not pass, whatever it is reached from (T32)', (name) => {
    expect(fieldVerdict(railway, name)).not.toBeNull();
  });

  test('no argument decides whether a safe root gives out a secret', () => {
    const telling = [...fromSafe()]
      .filter(([name]) => fieldVerdict(railway, name) === null)
      .flatMap(([name, field]) => field.args.map((arg: { name: string }) => `${name}.${arg.name}`))
      .filter((name) => /decrypt|secret|unrendered|reveal|token/i.test(name));
    expect(telling).toEqual([]);
  });

  test('of what a mutation hands back, the same is kept back as at a query', () => {
    if (schema === undefined) return;
    const back = reachable(
      schema,
      typesOf('mutation', ([level]) => level !== 'escalating'),
      watched,
    );
    const left = [...back.keys()].filter((name) => fieldVerdict(railway, name) === 'suspected');
    expect(left).toEqual([]);
  });
});

function leafAt(kind: RootKind, name: string, path: string): string | null {
  const [first = '', ...rest] = path.split('.');
  let type: GraphQLInputType | undefined = fieldsOf(kind)[name]?.args.find((arg) => arg.name === first)?.type;
  for (const key of rest) {
    const inside: unknown = type === undefined ? undefined : getNamedType(type);
    type = isInputObjectType(inside) ? inside.getFields()[key]?.type : undefined;
  }
  const bare = type !== undefined && isNonNullType(type) ? type.ofType : type;
  const one = isListType(bare) ? bare.ofType : bare;
  return one === undefined || isInputObjectType(getNamedType(one)) ? null : getNamedType(one).name;
}

/** `code` and `nonce` are secrets, and no names. */
const isRequiredId = (arg: { name: string; type: GraphQLInputType }): boolean =>
  isNonNullType(arg.type) && /^(id|.*Ids?)$/.test(arg.name);
