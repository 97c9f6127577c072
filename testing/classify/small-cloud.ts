import { buildSchema } from 'graphql';
import { type GraphqlProfile, graphqlProfile } from '#lib/profiles';
import { type Asked, classifierOf, refusalOf } from './classify';

/*
 * A small cloud, with all that schemas may have: interfaces, unions, inputs,
 * lists of ids, a way back to the root, and names that every object has.
 */
export const smallSchema = buildSchema(`
  directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  directive @stream(if: Boolean, initialCount: Int) on FIELD
  directive @tag(name: String) on FIELD | QUERY | MUTATION | FRAGMENT_SPREAD | INLINE_FRAGMENT | FRAGMENT_DEFINITION
  interface Node { id: ID! }
  interface Titled { title: String }
  interface Keeper { token: String }
  interface Box { token: String }
  type Query implements Keeper {
    project(id: ID!, page: Page): Project
    projects(ids: [ID!], first: Int): [Project!]!
    node(id: ID!): Node
    thing(where: Where): Thing
    keeper: Keeper
    box: Box
    titled: Titled
    vault: Vault
    secrets: [Secret!]!
    viewer: Viewer
    token: String
    constructor: Project
    toString: String
    dial(level: Level, n: Int, when: When): String
    ${Array.from({ length: 60 }, (_, index) => `r${index}: String`).join(' ')}
  }
  type Mutation {
    projectDelete(id: ID!): Boolean
    projectsDelete(ids: [ID!]!): Boolean
    projectUpdate(input: ProjectInput!): Payload
    inputDelete(input: Targets!): Boolean
    tokenCreate(name: String): String
    renameThing(id: ID): Boolean
    dropThing: Boolean
    createApiToken: String
    hasOwnProperty: Boolean
  }
  type Subscription { ticks: Int }
  enum Level { LOW HIGH }
  scalar When
  input Page { first: Int, after: Page }
  input Where { id: ID, ids: [ID!] }
  input ProjectInput { id: ID, name: String }
  input Targets { targets: [Where!]! }
  type Payload { project: Project, query: Query, mutation: Mutation }
  type Project implements Node & Titled { id: ID!, title: String, name: String, vault: Vault, environments: [Environment!]!, parent: Project, meta: String, toString: String }
  type Environment implements Node & Titled { id: ID!, title: String, name: String, variables: String, secretName: String, project: Project }
  type Safe implements Box { token: String }
  type Loose implements Keeper & Box { token: String }
  type Secret implements Node { id: ID!, value: String }
  type Vault { secrets: [Secret!]!, count: Int }
  type Viewer { id: ID, query: Query, node: Node, all: Query }
  union Thing = Project | Secret | Environment
`);

const RESOLVER = { steps: [], facts: [], environment: null, subject: null };
const smallProfile: GraphqlProfile = {
  ...graphqlProfile('generic-graphql'),
  query: {
    project: ['safe', 'project', 'read', 'id'],
    projects: ['safe', 'project', 'read', 'ids'],
    node: ['safe', 'node', 'read', 'id'],
    thing: ['safe', 'thing', 'read', 'where.id'],
    keeper: ['safe', 'keeper', 'read'],
    box: ['safe', 'box', 'read'],
    titled: ['safe', 'title', 'read'],
    vault: ['safe', 'vault', 'read'],
    viewer: ['safe', 'viewer', 'read'],
    secrets: ['sensitive', 'secret', 'read'],
    dial: ['safe', 'dial', 'read'],
    ...Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`r${index}`, ['safe', 'catalog', 'read'] as const]),
    ),
  },
  mutation: {
    projectDelete: ['destructive', 'project', 'delete', 'id'],
    projectsDelete: ['destructive', 'project', 'delete', 'ids'],
    projectUpdate: ['write', 'project', 'update', 'input.id'],
    inputDelete: ['destructive', 'thing', 'delete', 'input.targets.id'],
    tokenCreate: ['escalating', 'token', 'create'],
  },
  nested: {
    'Environment.variables': ['sensitive', 'variable', 'read'],
    'Environment.title': ['sensitive', 'title', 'read'],
    'Secret.value': ['sensitive', 'secret', 'read'],
    'Vault.secrets': ['sensitive', 'secret', 'read'],
    'Safe.token': ['safe', 'token', 'read'],
  },
  suspicious: /token|secret|meta|variable/i,
  harmless: new Set(['Project.meta', 'Environment.secretName']),
  resolvers: { 'mutation projectDelete': RESOLVER, 'query project': RESOLVER },
};

export const classify = classifierOf(smallSchema, smallProfile);
export const classOf = (query: string, more: Partial<Asked> = {}) => classify({ query, ...more }).class;
export const actsOf = (query: string, more: Partial<Asked> = {}) =>
  classify({ query, ...more }).acts.map(
    ({ operation, class: level, resource, verb }) => `${operation} ${level} ${resource} ${verb}`,
  );
export const refused = (query: string, more: Partial<Asked> = {}) => refusalOf(() => classify({ query, ...more }));
export const printedOf = (query: string, more: Partial<Asked> = {}) => {
  const { operation } = classify({ query, ...more });
  return 'query' in operation ? operation.query : '';
};
