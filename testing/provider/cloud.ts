import { randomBytes } from 'node:crypto';
import { buildSchema, graphql } from 'graphql';
import { type CastUpstream, provider } from './provider';

/*
 * Only for tests: a small cloud with volumes, environments and backups, over
 * GraphQL. Its backups die with their volume.
 */

export interface Cloud {
  projectName: string;
  /** Id to name. */
  environments: Map<string, string>;
  services: Map<string, string>;
  volumes: Map<string, { name: string }>;
  instances: Map<
    string,
    { volumeId: string; environmentId: string; serviceId: string | null; sizeMB: number; mountPath: string }
  >;
  backups: Map<string, { instanceId: string; name: string | null; createdAt: string }>;
}

/** In the provider's own names, as far as tests go there. */
const SDL = `
scalar DateTime
scalar EnvironmentVariables
enum VolumeState { READY ERROR }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type User { id: ID! name: String email: String! }
type ApiTokenContext { workspaces: [ApiTokenWorkspace!]! }
type ApiTokenWorkspace { id: String! name: String! }
type Service { id: ID! name: String! projectId: String! project: Project! }
type Environment { id: ID! name: String! projectId: String! isEphemeral: Boolean! sourceEnvironment: Environment variables: Variables! volumeInstances: VolumeInstances! }
type Variables { edges: [VariableEdge!]! pageInfo: PageInfo! }
type VariableEdge { node: Variable! cursor: String! }
type Variable { id: ID! name: String! }
type VolumeInstances { edges: [VolumeInstanceEdge!]! pageInfo: PageInfo! }
type VolumeInstanceEdge { node: VolumeInstance! cursor: String! }
type VolumeInstance { id: ID! createdAt: DateTime! currentSizeMB: Float! sizeMB: Int! mountPath: String! region: String state: VolumeState environment: Environment! environmentId: String! service: Service! serviceId: String volume: Volume! volumeId: String! }
type VolumeInstanceBackup { id: String! name: String createdAt: DateTime! expiresAt: DateTime usedMB: Int }
type Volume { id: ID! name: String! createdAt: DateTime! project: Project! projectId: String! volumeInstances(first: Int, after: String): VolumeInstances! }
type VolumeEdge { node: Volume! cursor: String! }
type Volumes { edges: [VolumeEdge!]! pageInfo: PageInfo! }
type EnvironmentEdge { node: Environment! cursor: String! }
type Environments { edges: [EnvironmentEdge!]! pageInfo: PageInfo! }
type ServiceEdge { node: Service! cursor: String! }
type Services { edges: [ServiceEdge!]! pageInfo: PageInfo! }
type Project { id: ID! name: String! volumes(first: Int, after: String): Volumes! environments(first: Int): Environments! services(first: Int): Services! }
type ProjectEdge { node: Project! cursor: String! }
type Projects { edges: [ProjectEdge!]! pageInfo: PageInfo! }
type Query {
  me: User!
  apiToken: ApiTokenContext!
  project(id: String!): Project!
  projects(first: Int, after: String, workspaceId: String): Projects!
  environment(id: String!, projectId: String): Environment!
  service(id: String!): Service!
  volumeInstance(id: String!): VolumeInstance!
  volumeInstanceBackupList(volumeInstanceId: String!): [VolumeInstanceBackup!]!
  variables(projectId: String!, environmentId: String!, serviceId: String): EnvironmentVariables!
}
input VolumeUpdateInput { name: String }
input ApiTokenCreateInput { name: String! teamId: String }
type Mutation {
  volumeDelete(volumeId: String!): Boolean!
  volumeUpdate(volumeId: String!, input: VolumeUpdateInput!): Volume!
  volumeInstanceBackupDelete(volumeInstanceId: String!, volumeInstanceBackupId: String!): String!
  apiTokenCreate(input: ApiTokenCreateInput!): String!
}`;

/** A company with one volume in production, one in staging, and three backups that go with the first. */
const cloud = (): Cloud => ({
  projectName: 'rentals',
  environments: new Map([
    ['env_prod', 'production'],
    ['env_stag', 'staging'],
  ]),
  services: new Map([['svc_db', 'postgres']]),
  volumes: new Map([
    ['vol_prod', { name: 'postgres-data' }],
    ['vol_stag', { name: 'postgres-data-staging' }],
  ]),
  instances: new Map([
    [
      'ins_prod',
      { volumeId: 'vol_prod', environmentId: 'env_prod', serviceId: 'svc_db', sizeMB: 50_000, mountPath: '/data' },
    ],
    [
      'ins_stag',
      { volumeId: 'vol_stag', environmentId: 'env_stag', serviceId: 'svc_db', sizeMB: 5_000, mountPath: '/data' },
    ],
  ]),
  backups: new Map([
    ['bak_1', { instanceId: 'ins_prod', name: 'nightly 20', createdAt: '2026-11-20T02:00:00.000Z' }],
    ['bak_2', { instanceId: 'ins_prod', name: 'nightly 21', createdAt: '2026-11-21T02:00:00.000Z' }],
    ['bak_3', { instanceId: 'ins_prod', name: 'before migration', createdAt: '2026-11-21T14:30:00.000Z' }],
  ]),
});

/** A GraphQL provider at `/graphql`. */
export async function graphqlUpstream(): Promise<CastUpstream<Cloud>> {
  const schema = buildSchema(SDL);
  const world = cloud();
  return provider(world, { path: '/graphql', sdl: SDL }, async ({ body, change }) => {
    const { query = '', variables } = JSON.parse(body) as { query?: string; variables?: Record<string, unknown> };
    const rootValue = rootOf(world, change);
    const result = await graphql({ schema, source: query, variableValues: variables ?? {}, rootValue });
    return { status: 200, body: JSON.stringify(result) };
  });
}

const PROJECT = 'prj_1';
const CREATED = '2026-01-01T00:00:00.000Z';

function found<T>(map: ReadonlyMap<string, T>, id: string): T {
  const thing = map.get(id);
  if (thing === undefined) throw new Error('Not Found');
  return thing;
}

const edges = (nodes: readonly unknown[]) => ({
  edges: nodes.map((node, index) => ({ node, cursor: String(index) })),
  pageInfo: { hasNextPage: false, endCursor: null },
});

function thingsOf(world: Cloud) {
  const environment = (id: string) => ({
    ...{ id, projectId: PROJECT, name: found(world.environments, id) },
    ...{ isEphemeral: false, sourceEnvironment: null },
  });
  const service = (id: string) => ({
    ...{ id, projectId: PROJECT, name: found(world.services, id) },
    project: () => project(),
  });
  const instance = (id: string): object => {
    const { serviceId, environmentId, volumeId, sizeMB, mountPath } = found(world.instances, id);
    return {
      ...{ id, createdAt: CREATED, currentSizeMB: sizeMB / 2, sizeMB, mountPath, region: null, state: 'READY' },
      ...{ environmentId, serviceId, volumeId },
      environment: () => environment(environmentId),
      service: () => (serviceId === null ? null : service(serviceId)),
      volume: () => volume(volumeId),
    };
  };
  const volume = (id: string): object => ({
    ...{ id, createdAt: CREATED, projectId: PROJECT, name: found(world.volumes, id).name },
    project: () => project(),
    volumeInstances: () =>
      edges([...world.instances].filter(([, one]) => one.volumeId === id).map(([key]) => instance(key))),
  });
  const project = (): object => ({
    id: PROJECT,
    name: world.projectName,
    volumes: () => edges([...world.volumes.keys()].map(volume)),
    environments: () => edges([...world.environments.keys()].map(environment)),
    services: () => edges([...world.services.keys()].map(service)),
  });
  return { environment, service, instance, volume, project };
}

type Ids = Readonly<Record<'id' | 'volumeId' | 'volumeInstanceId' | 'volumeInstanceBackupId', string>>;

function rootOf(world: Cloud, change: (what: string) => void) {
  const { environment, service, instance, volume, project } = thingsOf(world);
  return {
    apiToken: () => ({ workspaces: [{ id: 'wsp_1', name: 'rentals' }] }),
    me: () => ({ id: 'usr_1', name: 'Ada', email: 'ada@example.com' }),
    project: () => project(),
    projects: () => edges([project()]),
    environment: ({ id }: Ids) => environment(id),
    service: ({ id }: Ids) => service(id),
    volumeInstance: ({ id }: Ids) => instance(id),
    volumeInstanceBackupList: ({ volumeInstanceId }: Ids) =>
      [...world.backups]
        .filter(([, one]) => one.instanceId === volumeInstanceId)
        .map(([id, one]) => ({ id, ...one, expiresAt: null, usedMB: 10 })),
    variables: () => ({ DATABASE_URL: 'postgres://secret' }),
    volumeDelete: ({ volumeId }: Ids) => {
      found(world.volumes, volumeId);
      change(`volumeDelete ${volumeId}`);
      for (const [id, one] of world.instances) if (one.volumeId === volumeId) dropInstance(world, id);
      return world.volumes.delete(volumeId);
    },
    volumeUpdate: ({ volumeId, input }: Ids & { input: { name?: string } }) => {
      change(`volumeUpdate ${volumeId}`);
      const before = found(world.volumes, volumeId);
      world.volumes.set(volumeId, { name: input.name ?? before.name });
      return volume(volumeId);
    },
    volumeInstanceBackupDelete: ({ volumeInstanceBackupId }: Ids) => {
      change(`volumeInstanceBackupDelete ${volumeInstanceBackupId}`);
      world.backups.delete(volumeInstanceBackupId);
      return 'workflow_1';
    },
    apiTokenCreate: () => {
      change('apiTokenCreate');
      return `minted_${randomBytes(8).toString('hex')}`;
    },
  };
}

/** Backups die with their volume: that is the story. */
function dropInstance(world: Cloud, instanceId: string): void {
  world.instances.delete(instanceId);
  for (const [id, one] of world.backups) if (one.instanceId === instanceId) world.backups.delete(id);
}
