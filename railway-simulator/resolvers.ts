import { randomBytes, randomUUID } from 'node:crypto';
import { deleteVolume, type World } from './world';

type Ids = Readonly<
  Record<'id' | 'volumeId' | 'volumeInstanceId' | 'volumeInstanceBackupId' | 'environmentId' | 'serviceId', string>
>;

const CREATED = '2026-01-05T09:00:00.000Z';

/** As the real one says it. */
function found<T>(things: ReadonlyMap<string, T>, id: string): T {
  const thing = things.get(id);
  if (thing === undefined) throw new Error('Not Found');
  return thing;
}

/** One page: the company is small. */
const connection = (nodes: readonly unknown[]) => ({
  edges: nodes.map((node, index) => ({ node, cursor: String(index) })),
  pageInfo: { endCursor: null, hasNextPage: false, hasPreviousPage: false, startCursor: null },
});

/** Root values: what every query and mutation answers, over the world as it is. */
export function rootOf(world: World): object {
  const project = () => ({
    ...world.project,
    createdAt: CREATED,
    workspaceId: world.workspace.id,
    workspace: world.workspace,
    environments: () => connection([...world.environments.keys()].map(environment)),
    services: () => connection([...world.services.keys()].map(service)),
    volumes: () => connection([...world.volumes.keys()].map(volume)),
    buckets: () => connection([]),
  });
  const environment = (id: string): object => ({
    ...found(world.environments, id),
    ...{ id, projectId: world.project.id, isEphemeral: false, createdAt: CREATED, sourceEnvironment: null },
    serviceInstances: () => connection([...world.services.keys()].map((one) => serviceInstance(id, one))),
    volumeInstances: () => connection(instancesWhere((one) => one.environmentId === id)),
  });
  const service = (id: string): object => ({
    ...found(world.services, id),
    ...{ id, projectId: world.project.id, project, createdAt: CREATED },
  });
  const serviceInstance = (environmentId: string, serviceId: string): object => ({
    ...{ id: `${serviceId}:${environmentId}`, serviceId, environmentId, latestDeployment: null },
    serviceName: found(world.services, serviceId).name,
  });
  const volume = (id: string): object => ({
    ...found(world.volumes, id),
    ...{ id, createdAt: CREATED, projectId: world.project.id, project },
    volumeInstances: () => connection(instancesWhere((one) => one.volumeId === id)),
  });
  const instance = (id: string): object => {
    const one = found(world.instances, id);
    return {
      ...one,
      ...{ id, createdAt: CREATED, mountPath: '/var/lib/postgresql/data', state: 'READY' },
      environment: () => environment(one.environmentId),
      volume: () => volume(one.volumeId),
    };
  };
  const instancesWhere = (fits: (one: { volumeId: string; environmentId: string }) => boolean): object[] =>
    [...world.instances].filter(([, one]) => fits(one)).map(([id]) => instance(id));
  return {
    ...queries(world, { project, environment, service, serviceInstance, instance }),
    ...mutations(world, volume),
  };
}

interface Makers {
  readonly project: () => object;
  readonly environment: (id: string) => object;
  readonly service: (id: string) => object;
  readonly serviceInstance: (environmentId: string, serviceId: string) => object;
  readonly instance: (id: string) => object;
}

const queries = (world: World, make: Makers) => ({
  apiToken: () => ({ workspaces: [world.workspace] }),
  projects: () => connection([make.project()]),
  project: ({ id }: Ids) => (id === world.project.id ? make.project() : found(new Map<string, object>(), id)),
  environment: ({ id }: Ids) => make.environment(id),
  service: ({ id }: Ids) => make.service(id),
  serviceInstance: ({ environmentId, serviceId }: Ids) => make.serviceInstance(environmentId, serviceId),
  volumeInstance: ({ id }: Ids) => make.instance(id),
  volumeInstanceBackupList: ({ volumeInstanceId }: Ids) =>
    [...world.backups].filter(([, one]) => one.instanceId === volumeInstanceId).map(([id, one]) => ({ id, ...one })),
  volumeInstanceBackupScheduleList: () => [{ id: 'nightly', name: 'nightly', cron: '0 2 * * *', kind: 'DAILY' }],
  variables: () => world.secrets,
});

const mutations = (world: World, volume: (id: string) => object) => ({
  volumeDelete: ({ volumeId }: Ids) => found(world.volumes, volumeId) && deleteVolume(world, volumeId),
  volumeUpdate: ({ volumeId, input }: Ids & { readonly input: { readonly name?: string } }) => {
    const before = found(world.volumes, volumeId);
    world.volumes.set(volumeId, { name: input.name ?? before.name });
    return volume(volumeId);
  },
  volumeInstanceBackupDelete: ({ volumeInstanceBackupId }: Ids) => {
    world.backups.delete(volumeInstanceBackupId);
    return { workflowId: randomUUID() };
  },
  environmentDelete: ({ id }: Ids) => {
    for (const [, one] of world.instances) if (one.environmentId === id) deleteVolume(world, one.volumeId);
    return world.environments.delete(id);
  },
  projectDelete: () => {
    for (const id of world.volumes.keys()) deleteVolume(world, id);
    return true;
  },
  serviceInstanceRedeploy: () => true,
  apiTokenCreate: () => randomBytes(24).toString('hex'),
});
