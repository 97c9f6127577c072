import { fact, lost, lostSize, moving } from '../facts';
import type { FactRule, Resolver } from '../types';
import { BACKUPS } from './facts';
import { backupsOf, chosenBackup, schedules, servicesAt, volumeInstance, volumeSteps } from './reads';

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

export const volumeUpdate: Resolver = {
  steps: [...volumeSteps, servicesAt(`${INSTANCES}.serviceId`)],
  facts: [
    ...VOLUME,
    moving('Size', `${INSTANCES}.currentSizeMB`, { show: 'list', unit: 'MB', also: ['environment.name'] }),
  ],
  environment: `${INSTANCES}.environment.name`,
  subject: 'volume.name',
};

export const volumeDelete: Resolver = {
  ...volumeUpdate,
  steps: [...volumeUpdate.steps, backupsOf(`${INSTANCES}.id`)],
  facts: [...VOLUME, lostSize('Size', `${INSTANCES}.currentSizeMB`, ['environment.name']), ...BACKUPS],
};

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

export const backupDelete = volumeInstanceOf(
  [chosenBackup, allBackups],
  [
    lost('Backup that goes', 'backup.name', { also: ['createdAt'] }),
    moving('Size of the backup', 'backup.usedMB', { unit: 'MB', empty: 'not given' }),
    backupsNow,
    size,
  ],
);

export const backupLock = volumeInstanceOf(
  [chosenBackup, allBackups],
  [fact('Backup', 'backup.name', { show: 'list', also: ['createdAt'] }), backupsNow, size],
);

export const backupRestore = volumeInstanceOf(
  [chosenBackup, servicesAt('args.wipeServiceIds[]', 'wiped'), servicesAt('args.replicaServiceIds[]', 'replicas')],
  [
    lost('Data that is written over', 'instance.currentSizeMB', { bound: false, unit: 'MB' }),
    fact('Restored from', 'backup.name', { show: 'list', also: ['createdAt'] }),
    lost('Services whose volumes are wiped', 'wiped.name'),
    lost('Replicas that are written over too', 'replicas.name'),
  ],
);

export const backupSchedule = volumeInstanceOf(
  [schedules, allBackups],
  [
    lost('Backed up so far', 'schedules.kind', { also: ['cron'] }),
    fact('Backed up from then on', 'args.kinds[]', { show: 'list', weight: 'danger', empty: 'never' }),
    backupsNow,
    size,
  ],
);

export const backupCreate = volumeInstanceOf([allBackups], [backupsNow, size]);
