import { buildSchema } from 'graphql';
import { createUpstreams, type Upstreams } from '#gateway/upstream';
import { type GraphqlProfile, graphqlProfile } from '#lib/profiles';
import type { Ask, GraphqlConfig, GraphqlOperation } from '#lib/targets';
import { type CastUpstream, type Cloud, graphqlConfig, graphqlUpstream } from '#testing/provider';
import type { ProviderContext } from '../../gateway/providers/graphql/context';

/*
 * Only for tests: a small cloud, and a profile that knows a few of its
 * operations and how to look up a volume. The tests are of the driver and not of
 * any provider's profile.
 */

export const VOLUMES = `query {
  projects {
    edges { node { name volumes { edges { node {
      id name
      volumeInstances { edges { node { id sizeMB environment { name } service { name } } } }
    } } } } }
  }
}`;

export const BACKUPS = `query backups($instance: String!) {
  volumeInstanceBackupList(volumeInstanceId: $instance) { id name createdAt }
}`;

export const PROFILE: GraphqlProfile = {
  ...graphqlProfile('generic-graphql'),
  name: 'cloud',
  title: 'Cloud',
  query: {
    me: ['safe', 'account', 'read'],
    projects: ['safe', 'project', 'read'],
    project: ['safe', 'project', 'read', 'id'],
    environment: ['safe', 'environment', 'read', 'id'],
    service: ['safe', 'service', 'read', 'id'],
    volumeInstance: ['safe', 'volume-instance', 'read', 'id'],
    volumeInstanceBackupList: ['safe', 'backup', 'read'],
    variables: ['sensitive', 'variables', 'read', 'environmentId'],
  },
  mutation: {
    volumeDelete: ['destructive', 'volume', 'delete', 'volumeId'],
    volumeUpdate: ['write', 'volume', 'update', 'volumeId'],
    apiTokenCreate: ['escalating', 'api-token', 'create'],
    gone: ['write', 'gone', 'run'],
  },
  resolvers: {
    'mutation volumeDelete': {
      steps: [
        {
          as: 'volume',
          read: VOLUMES,
          variables: {},
          take: 'projects.edges[].node.volumes.edges[].node',
          where: ['id', 'args.volumeId'],
        },
        {
          as: 'backups',
          read: BACKUPS,
          variables: { instance: 'volume.volumeInstances.edges[].node.id' },
          take: 'volumeInstanceBackupList[]',
        },
      ],
      facts: [
        { label: 'Volume', path: 'volume.name', show: 'value', weight: 'plain', bound: true },
        {
          label: 'Size',
          path: 'volume.volumeInstances.edges[].node.sizeMB',
          show: 'value',
          weight: 'plain',
          bound: false,
          unit: 'MB',
        },
        {
          label: 'Backups that go with it',
          path: 'backups[].name',
          show: 'list',
          weight: 'danger',
          bound: true,
          empty: 'none',
        },
      ],
      environment: 'volume.volumeInstances.edges[].node.environment.name',
      subject: 'volume.name',
    },
  },
  test: '{ me { id } }',
};

export interface Stage {
  readonly cloud: CastUpstream<Cloud>;
  readonly upstreams: Upstreams;
  /** Origins that were heard to leak. */
  readonly leaks: string[];
  context(more?: Partial<GraphqlConfig>, profile?: GraphqlProfile, secret?: string): ProviderContext;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const cloud = await graphqlUpstream();
  const leaks: string[] = [];
  const upstreams = createUpstreams({
    gatewayOrigin: 'http://localhost:3200',
    onLeak: (origin) => void leaks.push(origin),
  });
  const schema = buildSchema(cloud.sdl);
  return {
    ...{ cloud, upstreams, leaks },
    context(more = {}, profile = PROFILE, secret = cloud.secret) {
      const config = graphqlConfig(cloud.url, { profile: 'generic-graphql', ...more });
      return { config, profile, schema, upstream: upstreams.open(config, secret) };
    },
    async close() {
      await upstreams.close();
      await cloud.close();
    },
  };
}

export const exactly = (
  query: string,
  variables: GraphqlOperation['variables'],
  resources: string[],
  verbs: string[],
): Ask => ({
  resources,
  verbs,
  ttlSeconds: 300,
  maxUses: null,
  operation: { query, variables: { ...variables } as never },
});

/** The story's operation. */
export const deletion = (volumeId = 'vol_prod'): Ask =>
  exactly(
    'mutation ($id: String!) {\n  volumeDelete(volumeId: $id)\n}',
    { id: volumeId },
    [`volume/${volumeId}`],
    ['delete'],
  );
