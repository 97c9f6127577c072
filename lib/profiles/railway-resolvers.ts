import {
  backupsOf,
  chosenBackup,
  deployment,
  environmentAt,
  environmentsOfService,
  fullEnvironment,
  fullProject,
  fullService,
  projectAt,
  schedules,
  serviceAt,
  serviceInstanceAt,
  servicesAt,
  volumeInstance,
  volumeSteps,
  volumesOfService,
} from './railway-reads';
import type { FactRule, Resolver } from './types';

/** Approved as it was. */
const fact = (label: string, path: string, more: Partial<FactRule> = {}): FactRule => ({
  label,
  path,
  show: 'value',
  weight: 'plain',
  bound: true,
  ...more,
});

/** Changes by itself. */
const moving = (label: string, path: string, more: Partial<FactRule> = {}): FactRule =>
  fact(label, path, { bound: false, ...more });

/** What would be lost. */
const lost = (label: string, path: string, more: Partial<FactRule> = {}): FactRule =>
  fact(label, path, { show: 'list', weight: 'danger', empty: 'none', ...more });

const lostSize = (label: string, path: string, also: readonly string[]): FactRule =>
  lost(label, path, { bound: false, unit: 'MB', also });

const BACKUPS: readonly FactRule[] = [
  lost('Backups that go with it', 'backups.name', { also: ['createdAt'] }),
  moving('Size of those backups', 'backups.usedMB', { show: 'list', unit: 'MB', also: ['name'], empty: 'none' }),
];

const INSTANCES = 'volume.volumeInstances.edges[].node';

const VOLUME: readonly FactRule[] = [
  fact('Volume', 'volume.name'),
  fact('Project', 'volume.project.name'),
  fact('Environment', `${INSTANCES}.environment.name`, { show: 'list' }),
  fact('Attached to service', 'service.name', { show: 'list', empty: 'none' }),
  fact('Mounted at', `${INSTANCES}.mountPath`, { show: 'list', also: ['environment.name'] }),
  moving('State', `${INSTANCES}.state`, { show: 'list', also: ['environment.name'] }),
  moving('Size it may grow to', `${INSTANCES}.sizeMB`, { show: 'list', unit: 'MB', also: ['environment.name'] }),
];

const volumeUpdate: Resolver = {
  steps: [...volumeSteps, servicesAt(`${INSTANCES}.serviceId`)],
  facts: [
    ...VOLUME,
    moving('Size', `${INSTANCES}.currentSizeMB`, { show: 'list', unit: 'MB', also: ['environment.name'] }),
  ],
  environment: `${INSTANCES}.environment.name`,
  subject: 'volume.name',
};

const volumeDelete: Resolver = {
  ...volumeUpdate,
  steps: [...volumeUpdate.steps, backupsOf(`${INSTANCES}.id`)],
  facts: [...VOLUME, lostSize('Size', `${INSTANCES}.currentSizeMB`, ['environment.name']), ...BACKUPS],
};

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
    moving('Running since', 'instance.activeDeployments[].createdAt', { show: 'list', empty: 'not running' }),
  ],
  environment: 'environment.name',
  subject: 'service.name',
});

const ofDeployment = (more: readonly FactRule[] = []): Resolver => ({
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
    fact('Deployed at', 'deployment.createdAt'),
    moving('State', 'deployment.status'),
    ...more,
  ],
  environment: 'deployment.environment.name',
  subject: 'service.name',
});

const RUNNING = 'instance.activeDeployments[].createdAt';
const runningNow = moving('Running since', RUNNING, { show: 'list', empty: 'not running' });

const INSTANCE: readonly FactRule[] = [
  fact('Volume', 'instance.volume.name'),
  fact('Project', 'instance.volume.project.name'),
  fact('Environment', 'instance.environment.name'),
  fact('Attached to service', 'service.name', { empty: 'none' }),
  fact('Mounted at', 'instance.mountPath'),
];

const size = moving('Size', 'instance.currentSizeMB', { unit: 'MB' });

const volumeInstanceOf = (steps: Resolver['steps'], facts: readonly FactRule[]): Resolver => ({
  steps: [volumeInstance, servicesAt('instance.serviceId'), ...steps],
  facts: [...INSTANCE, ...facts],
  environment: 'instance.environment.name',
  subject: 'instance.volume.name',
});

const allBackups = backupsOf('args.volumeInstanceId');
const backupsNow = moving('All backups of this volume', 'backups.name', {
  show: 'list',
  also: ['createdAt'],
  empty: 'none',
});

const backupDelete = volumeInstanceOf(
  [chosenBackup, allBackups],
  [
    lost('Backup that goes', 'backup.name', { also: ['createdAt'] }),
    moving('Size of the backup', 'backup.usedMB', { unit: 'MB', empty: 'not given' }),
    backupsNow,
    size,
  ],
);

const backupLock = volumeInstanceOf(
  [chosenBackup, allBackups],
  [fact('Backup', 'backup.name', { show: 'list', also: ['createdAt'] }), backupsNow, size],
);

const backupRestore = volumeInstanceOf(
  [chosenBackup, servicesAt('args.wipeServiceIds[]', 'wiped'), servicesAt('args.replicaServiceIds[]', 'replicas')],
  [
    lost('Data that is written over', 'instance.currentSizeMB', { bound: false, unit: 'MB' }),
    fact('Restored from', 'backup.name', { show: 'list', also: ['createdAt'] }),
    lost('Services whose volumes are wiped', 'wiped.name'),
    lost('Replicas that are written over too', 'replicas.name'),
  ],
);

const backupSchedule = volumeInstanceOf(
  [schedules, allBackups],
  [
    lost('Backed up so far', 'schedules.kind', { also: ['cron'] }),
    fact('Backed up from then on', 'args.kinds[]', { show: 'list', weight: 'danger', empty: 'never' }),
    backupsNow,
    size,
  ],
);

/** Something in an environment of a project, perhaps of one service there. */
const place = (args: string, facts: readonly FactRule[], subject: string | null): Resolver => ({
  steps: [environmentAt(`${args}.environmentId`), projectAt(`${args}.projectId`), servicesAt(`${args}.serviceId`)],
  facts: [
    ...facts,
    fact('Project', 'project.name'),
    fact('Environment', 'environment.name'),
    fact('Service', 'service.name', { empty: 'none: the whole environment' }),
  ],
  environment: 'environment.name',
  subject,
});

const variable = place('args.input', [fact('Variable', 'args.input.name')], 'args.input.name');

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
  'mutation deploymentRemove': ofDeployment([lost('Address that goes', 'deployment.staticUrl', { show: 'value' }), runningNow]),
  'mutation deploymentRollback': ofDeployment([{ ...runningNow, bound: true, label: 'Replaces what runs since' }]),
  'mutation deploymentApprove': ofDeployment([runningNow]),
  'mutation deploymentRedeploy': ofDeployment([runningNow]),
  'mutation deploymentRestart': ofDeployment([runningNow]),
  'mutation deploymentStop': ofDeployment([runningNow]),
  'mutation deploymentCancel': ofDeployment([runningNow]),
  'mutation volumeInstanceBackupCreate': volumeInstanceOf([allBackups], [backupsNow, size]),
  'mutation volumeInstanceBackupDelete': backupDelete,
  'mutation volumeInstanceBackupLock': backupLock,
  'mutation volumeInstanceBackupRestore': backupRestore,
  'mutation volumeInstanceBackupScheduleUpdate': backupSchedule,
  'mutation variableUpsert': variable,
  'mutation variableDelete': place('args.input', [lost('Variable', 'args.input.name')], 'args.input.name'),
  'mutation variableCollectionUpsert': place('args.input', [], 'environment.name'),
  'mutation projectTokenCreate': place('args.input', [], 'environment.name'),
  'mutation bucketCredentialsReset': place('args', [], 'environment.name'),
};
