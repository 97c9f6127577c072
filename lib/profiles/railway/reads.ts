import type { Step } from '../types';

/*
 * What a resolver looks up at Railway. Lists are asked for without a size, as
 * Railway's own command line does: `pages` goes on where there is more, and
 * `whole` refuses to take a part for all. A thing's service is looked up by its
 * id: the API promises a service even to a volume that has none, and fails.
 */

const nodes = (fields: string): string => `{ pageInfo { hasNextPage } edges { node { ${fields} } } }`;

/** Projects have no common root: every workspace the token reaches is asked for its own. */
const WORKSPACES: Step = {
  as: 'workspaces',
  read: 'query { apiToken { workspaces { id } } }',
  variables: {},
  take: 'apiToken.workspaces',
};

/** No query finds a volume by its id: it is looked for in every project. */
const HOME: Step = {
  as: 'home',
  read: `query ($workspaceId: String!, $after: String) {
    projects(workspaceId: $workspaceId, after: $after) {
      pageInfo { hasNextPage endCursor }
      edges { node { volumes { edges { node { id projectId } } } } }
    }
  }`,
  variables: { workspaceId: 'workspaces.id' },
  take: 'projects.edges[].node.volumes.edges[].node',
  where: ['id', 'args.volumeId'],
  pages: 'projects.pageInfo',
};

const VOLUME: Step = {
  as: 'volume',
  read: `query ($projectId: String!, $after: String) {
    project(id: $projectId) {
      volumes(after: $after) {
        pageInfo { hasNextPage endCursor }
        edges {
          node {
            id name project { name }
            volumeInstances ${nodes('id mountPath currentSizeMB sizeMB state serviceId environment { name }')}
          }
        }
      }
    }
  }`,
  variables: { projectId: 'home.projectId' },
  take: 'project.volumes.edges[].node',
  where: ['id', 'args.volumeId'],
  pages: 'project.volumes.pageInfo',
  whole: ['project.volumes.edges[].node.volumeInstances.pageInfo.hasNextPage'],
};

/** One volume, wherever it is, with all its instances. */
export const volumeSteps: readonly Step[] = [WORKSPACES, HOME, VOLUME];

export const volumeInstance: Step = {
  as: 'instance',
  read: `query ($id: String!) {
    volumeInstance(id: $id) {
      id mountPath currentSizeMB serviceId environment { name } volume { name project { name } }
    }
  }`,
  variables: { id: 'args.volumeInstanceId' },
  take: 'volumeInstance',
};

/** The backups of every volume instance whose id stands at the path. */
export const backupsOf = (path: string): Step => ({
  as: 'backups',
  read: `query ($id: String!) {
    volumeInstanceBackupList(volumeInstanceId: $id) { id name createdAt usedMB }
  }`,
  variables: { id: path },
  take: 'volumeInstanceBackupList',
});

export const chosenBackup: Step = {
  ...backupsOf('args.volumeInstanceId'),
  as: 'backup',
  where: ['id', 'args.volumeInstanceBackupId'],
};

export const schedules: Step = {
  as: 'schedules',
  read: 'query ($id: String!) { volumeInstanceBackupScheduleList(volumeInstanceId: $id) { kind cron } }',
  variables: { id: 'args.volumeInstanceId' },
  take: 'volumeInstanceBackupScheduleList',
};

/** Names of the services whose ids stand at the path, which may lead to none. */
export const servicesAt = (path: string, as = 'service'): Step => ({
  as,
  read: 'query ($id: String!) { service(id: $id) { name } }',
  variables: { id: path },
  take: 'service',
  optional: true,
});

export const serviceAt = (path: string): Step => ({
  as: 'service',
  read: 'query ($id: String!) { service(id: $id) { name project { name } } }',
  variables: { id: path },
  take: 'service',
});

export const environmentAt = (path: string): Step => ({
  as: 'environment',
  read: `query ($id: String!) {
    environment(id: $id) { name projectId isEphemeral sourceEnvironment { name } }
  }`,
  variables: { id: path },
  take: 'environment',
});

export const projectAt = (path: string): Step => ({
  as: 'project',
  read: 'query ($id: String!) { project(id: $id) { name } }',
  variables: { id: path },
  take: 'project',
});

/** An environment with all that stands in it. */
export const fullEnvironment: Step = {
  ...environmentAt('args.id'),
  read: `query ($id: String!) {
    environment(id: $id) {
      name projectId isEphemeral
      serviceInstances ${nodes('serviceName')}
      volumeInstances ${nodes('id currentSizeMB volume { name }')}
    }
  }`,
  whole: ['environment.serviceInstances.pageInfo.hasNextPage', 'environment.volumeInstances.pageInfo.hasNextPage'],
};

/** A project with all that stands in it. */
export const fullProject = (path: string): Step => ({
  as: 'project',
  read: `query ($id: String!) {
    project(id: $id) {
      name workspace { name }
      environments ${nodes('name')}
      services ${nodes('name')}
      buckets ${nodes('name')}
      volumes ${nodes(`name volumeInstances ${nodes('id currentSizeMB environment { name } volume { name }')}`)}
    }
  }`,
  variables: { id: path },
  take: 'project',
  whole: [
    'project.environments.pageInfo.hasNextPage',
    'project.services.pageInfo.hasNextPage',
    'project.buckets.pageInfo.hasNextPage',
    'project.volumes.pageInfo.hasNextPage',
    'project.volumes.edges[].node.volumeInstances.pageInfo.hasNextPage',
  ],
});

/** A service, and where it runs. */
export const fullService = (path: string): Step => ({
  as: 'service',
  read: `query ($id: String!) {
    service(id: $id) {
      name projectId project { name }
      serviceInstances ${nodes('environmentId domains { customDomains { domain } serviceDomains { domain } }')}
    }
  }`,
  variables: { id: path },
  take: 'service',
  whole: ['service.serviceInstances.pageInfo.hasNextPage'],
});

/** The environments the service of the step before runs in. */
export const environmentsOfService: Step = {
  as: 'environments',
  read: 'query ($id: String!) { environment(id: $id) { name sourceEnvironment { name } } }',
  variables: { id: 'service.serviceInstances.edges[].node.environmentId' },
  take: 'environment',
};

/** Volume instances attached to the service; there may be none. */
export const volumesOfService: Step = {
  as: 'volumes',
  read: `query ($projectId: String!, $after: String) {
    project(id: $projectId) {
      volumes(after: $after) {
        pageInfo { hasNextPage endCursor }
        edges {
          node { volumeInstances ${nodes('id serviceId currentSizeMB environment { name } volume { name }')} }
        }
      }
    }
  }`,
  variables: { projectId: 'service.projectId' },
  take: 'project.volumes.edges[].node.volumeInstances.edges[].node',
  where: ['serviceId', 'args.id'],
  pages: 'project.volumes.pageInfo',
  whole: ['project.volumes.edges[].node.volumeInstances.pageInfo.hasNextPage'],
  optional: true,
};

/** What a service deploys from, in one environment. */
export const serviceInstanceAt = (args: string): Step => ({
  as: 'instance',
  read: `query ($environmentId: String!, $serviceId: String!) {
    serviceInstance(environmentId: $environmentId, serviceId: $serviceId) {
      source { image repo } activeDeployments { createdAt }
    }
  }`,
  variables: { environmentId: `${args}.environmentId`, serviceId: `${args}.serviceId` },
  take: 'serviceInstance',
});

export const deployment: Step = {
  as: 'deployment',
  read: `query ($id: String!) {
    deployment(id: $id) { createdAt status staticUrl projectId environmentId serviceId environment { name } }
  }`,
  variables: { id: 'args.id' },
  take: 'deployment',
};
