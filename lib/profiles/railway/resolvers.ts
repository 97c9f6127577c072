import { fact, lost, lostSize, moving } from '../facts';
import type { FactRule, Resolver } from '../types';
import { BACKUPS, runningNow } from './facts';
import {
  backupsOf,
  deployment,
  environmentAt,
  environmentsOfService,
  fullEnvironment,
  fullProject,
  fullService,
  projectAt,
  serviceAt,
  serviceInstanceAt,
  servicesAt,
  volumesOfService,
} from './reads';
import {
  backupCreate,
  backupDelete,
  backupLock,
  backupRestore,
  backupSchedule,
  volumeDelete,
  volumeUpdate,
} from './volumes';

const environment = (path: string): Resolver => ({
  steps: [environmentAt(path), projectAt('environment.projectId')],
  facts: [
    fact('Environment', 'environment.name'),
    fact('Project', 'project.name'),
    fact('Ephemeral', 'environment.isEphemeral'),
    fact('Made from', 'environment.sourceEnvironment.name', { empty: 'none' }),
  ],
  environment: 'environment.name',
  subject: 'environment.name',
});

const IN_ENVIRONMENT = 'environment.volumeInstances.edges[].node';

const environmentDelete: Resolver = {
  steps: [fullEnvironment, projectAt('environment.projectId'), backupsOf(`${IN_ENVIRONMENT}.id`)],
  facts: [
    fact('Environment', 'environment.name'),
    fact('Project', 'project.name'),
    fact('Ephemeral', 'environment.isEphemeral'),
    lost('Services that go with it', 'environment.serviceInstances.edges[].node.serviceName'),
    lost('Volumes that go with it', `${IN_ENVIRONMENT}.volume.name`),
    lostSize('Size', `${IN_ENVIRONMENT}.currentSizeMB`, ['volume.name']),
    ...BACKUPS,
  ],
  environment: 'environment.name',
  subject: 'environment.name',
};

const IN_PROJECT = 'project.volumes.edges[].node.volumeInstances.edges[].node';

const projectDelete = (path: string): Resolver => ({
  steps: [fullProject(path), backupsOf(`${IN_PROJECT}.id`)],
  facts: [
    fact('Project', 'project.name'),
    fact('Workspace', 'project.workspace.name', { empty: 'none' }),
    lost('Environments that go with it', 'project.environments.edges[].node.name'),
    lost('Services that go with it', 'project.services.edges[].node.name'),
    lost('Volumes that go with it', 'project.volumes.edges[].node.name'),
    lost('Buckets that go with it', 'project.buckets.edges[].node.name'),
    lostSize('Size', `${IN_PROJECT}.currentSizeMB`, ['volume.name', 'environment.name']),
    ...BACKUPS,
  ],
  environment: 'project.environments.edges[].node.name',
  subject: 'project.name',
});

/** Only in a fork does the environment that is named bound it; anywhere else Railway does it in all that are no forks. */
const serviceFacts = (environments: FactRule): readonly FactRule[] => [
  fact('Service', 'service.name'),
  fact('Project', 'service.project.name'),
  environments,
  fact('Asked for in environment', 'asked.name', { empty: 'none: it is every environment that is no fork' }),
  fact('Which is a fork of', 'asked.sourceEnvironment.name', {
    empty: 'none: it is every environment that is no fork',
  }),
];

const asked = { ...environmentAt('args.environmentId'), as: 'asked', optional: true } as const;
const IN_SERVICE = 'service.serviceInstances.edges[].node';

const serviceDelete: Resolver = {
  steps: [fullService('args.id'), environmentsOfService, asked, volumesOfService, backupsOf('volumes.id')],
  facts: [
    ...serviceFacts(lost('Environments it runs in', 'environments.name')),
    lost('Custom domains that go with it', `${IN_SERVICE}.domains.customDomains[].domain`),
    lost('Railway domains that go with it', `${IN_SERVICE}.domains.serviceDomains[].domain`),
    lost('Volumes attached to it', 'volumes.volume.name'),
    lostSize('Size', 'volumes.currentSizeMB', ['volume.name', 'environment.name']),
    lost('Backups of those volumes', 'backups.name', { also: ['createdAt'] }),
  ],
  environment: 'environments.name',
  subject: 'service.name',
};

const serviceInstanceUpdate: Resolver = {
  steps: [fullService('args.serviceId'), environmentsOfService, asked],
  facts: serviceFacts(fact('Environments it runs in', 'environments.name', { show: 'list', empty: 'none' })),
  environment: 'environments.name',
  subject: 'service.name',
};

/** A service in one environment. */
const serviceInstance = (args: string): Resolver => ({
  steps: [serviceAt(`${args}.serviceId`), environmentAt(`${args}.environmentId`), serviceInstanceAt(args)],
  facts: [
    fact('Service', 'service.name'),
    fact('Project', 'service.project.name'),
    fact('Environment', 'environment.name'),
    fact('Image now', 'instance.source.image', { empty: 'none' }),
    fact('Repository now', 'instance.source.repo', { empty: 'none' }),
    runningNow,
  ],
  environment: 'environment.name',
  subject: 'service.name',
});

const ofDeployment = (first: FactRule, more: FactRule): Resolver => ({
  steps: [
    deployment,
    servicesAt('deployment.serviceId'),
    projectAt('deployment.projectId'),
    serviceInstanceAt('deployment'),
  ],
  facts: [
    fact('Service', 'service.name', { empty: 'none' }),
    fact('Project', 'project.name'),
    fact('Environment', 'deployment.environment.name'),
    first,
    moving('State', 'deployment.status'),
    more,
  ],
  environment: 'deployment.environment.name',
  subject: 'service.name',
});

const deployedAt = fact('Deployed at', 'deployment.createdAt');

/** Something in an environment of a project. */
const place = (args: string): Resolver => ({
  steps: [environmentAt(`${args}.environmentId`), projectAt(`${args}.projectId`)],
  facts: [fact('Project', 'project.name'), fact('Environment', 'environment.name')],
  environment: 'environment.name',
  subject: 'environment.name',
});

const variables: Resolver = {
  ...place('args.input'),
  steps: [...place('args.input').steps, servicesAt('args.input.serviceId')],
  facts: [...place('args.input').facts, fact('Service', 'service.name', { empty: 'none: the whole environment' })],
};

const variable = (named: FactRule): Resolver => ({
  ...variables,
  facts: [named, ...variables.facts],
  subject: 'args.input.name',
});

/*
 * What an approver reads. Of variables it is their names: their values are not
 * for the record.
 */
export const railwayResolvers: Readonly<Record<string, Resolver>> = {
  'mutation volumeDelete': volumeDelete,
  'mutation volumeInstanceUpdate': volumeDelete,
  'mutation volumeUpdate': volumeUpdate,
  'mutation environmentDelete': environmentDelete,
  'mutation environmentRename': environment('args.id'),
  'mutation environmentApplyChangeSet': environment('args.environmentId'),
  'mutation environmentPatchCommit': environment('args.environmentId'),
  'mutation environmentPatchCommitStaged': environment('args.environmentId'),
  'mutation environmentStageChanges': environment('args.environmentId'),
  'mutation projectDelete': projectDelete('args.id'),
  'mutation projectScheduleDelete': projectDelete('args.id'),
  'mutation projectScheduleDeleteForce': projectDelete('args.id'),
  'mutation projectTransfer': projectDelete('args.projectId'),
  'mutation serviceDelete': serviceDelete,
  'mutation serviceInstanceUpdate': serviceInstanceUpdate,
  'mutation serviceInstanceDeploy': serviceInstance('args'),
  'mutation serviceInstanceDeployV2': serviceInstance('args'),
  'mutation serviceInstanceRedeploy': serviceInstance('args'),
  'mutation serviceInstanceLimitsUpdate': serviceInstance('args.input'),
  'mutation deploymentRemove': ofDeployment(
    lost('Deployment that goes, of', 'deployment.createdAt', { show: 'value' }),
    runningNow,
  ),
  'mutation deploymentRollback': ofDeployment(deployedAt, { ...runningNow, bound: true }),
  'mutation deploymentApprove': ofDeployment(deployedAt, runningNow),
  'mutation deploymentRedeploy': ofDeployment(deployedAt, runningNow),
  'mutation deploymentRestart': ofDeployment(deployedAt, runningNow),
  'mutation deploymentStop': ofDeployment(deployedAt, runningNow),
  'mutation deploymentCancel': ofDeployment(deployedAt, runningNow),
  'mutation volumeInstanceBackupCreate': backupCreate,
  'mutation volumeInstanceBackupDelete': backupDelete,
  'mutation volumeInstanceBackupLock': backupLock,
  'mutation volumeInstanceBackupRestore': backupRestore,
  'mutation volumeInstanceBackupScheduleUpdate': backupSchedule,
  'mutation variableUpsert': variable(fact('Variable', 'args.input.name')),
  'mutation variableDelete': variable(lost('Variable', 'args.input.name')),
  'mutation variableCollectionUpsert': variables,
  'mutation projectTokenCreate': place('args.input'),
  'mutation bucketCredentialsReset': place('args'),
};
