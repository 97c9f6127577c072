import { randomBytes, randomUUID } from 'node:crypto';

/** Everything the simulated company has. Ids are UUIDs, as the real ones are. */
export interface World {
  readonly workspace: { readonly id: string; readonly name: string };
  readonly project: { readonly id: string; readonly name: string };
  readonly environments: Map<string, { readonly name: string }>;
  readonly services: Map<string, { readonly name: string }>;
  readonly volumes: Map<string, { name: string }>;
  readonly instances: Map<string, Instance>;
  readonly backups: Map<string, Backup>;
  /** Canaries: what a query that hands out secrets would hand out. */
  readonly secrets: Readonly<Record<string, string>>;
}

interface Instance {
  readonly volumeId: string;
  readonly environmentId: string;
  readonly serviceId: string;
  readonly sizeMB: number;
  readonly currentSizeMB: number;
}

interface Backup {
  readonly instanceId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly usedMB: number;
}

/** The ids a story speaks of. */
export interface Places {
  readonly production: string;
  readonly staging: string;
  readonly productionVolume: string;
  readonly stagingVolume: string;
}

const DAY_MS = 86_400_000;

/** A company that rents out cars: one database in production with three nightly backups, a small one in staging. */
export function rentalCompany(now: Date): { readonly world: World; readonly places: Places } {
  const id = (): string => randomUUID();
  const places = { production: id(), staging: id(), productionVolume: id(), stagingVolume: id() };
  const [postgres, api, live, trial] = [id(), id(), id(), id()];
  const world: World = {
    workspace: { id: id(), name: 'rental-company' },
    project: { id: id(), name: 'rental-platform' },
    environments: new Map([
      [places.production, { name: 'production' }],
      [places.staging, { name: 'staging' }],
    ]),
    services: new Map([
      [postgres, { name: 'postgres' }],
      [api, { name: 'api' }],
    ]),
    volumes: new Map([
      [places.productionVolume, { name: 'postgres-data' }],
      [places.stagingVolume, { name: 'postgres-data-staging' }],
    ]),
    instances: new Map([
      [
        live,
        {
          volumeId: places.productionVolume,
          environmentId: places.production,
          serviceId: postgres,
          sizeMB: 50_000,
          currentSizeMB: 38_214,
        },
      ],
      [
        trial,
        {
          volumeId: places.stagingVolume,
          environmentId: places.staging,
          serviceId: postgres,
          sizeMB: 5_000,
          currentSizeMB: 211,
        },
      ],
    ]),
    backups: new Map(
      [1, 2, 3].map((nights) => {
        const createdAt = new Date(now.getTime() - nights * DAY_MS).toISOString();
        return [
          id(),
          { instanceId: live, name: `nightly ${createdAt.slice(0, 10)}`, createdAt, usedMB: 12_000 + nights },
        ];
      }),
    ),
    secrets: { DATABASE_URL: `postgres://rental:${randomBytes(12).toString('hex')}@postgres/rental` },
  };
  return { world, places };
}

/** What the post-mortem found out: a volume takes its backups with it. */
export function deleteVolume(world: World, volumeId: string): boolean {
  for (const [instanceId, instance] of world.instances) {
    if (instance.volumeId !== volumeId) continue;
    for (const [id, backup] of world.backups) if (backup.instanceId === instanceId) world.backups.delete(id);
    world.instances.delete(instanceId);
  }
  return world.volumes.delete(volumeId);
}
