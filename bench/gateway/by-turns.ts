import { ROUNDS } from '../measure';
import { SECONDS } from '../size';
import type { Row } from '../table';
import type { Process } from '../world';
import { type Figures, figuresOf, load, type Round } from './load';
import { cpuSecondsOf } from './processes';

/* One kind of call at several doors, by turns, so that whatever else the machine does falls on all of them. */

/** Load on one port, and the processor time its programs took a request: what a busy machine blurs least. */
export interface Charged extends Figures {
  /** Microseconds; NaN where nobody asked. */
  readonly cpu: number;
}

export interface Compared {
  readonly ours: Charged;
  readonly direct: Charged;
  readonly bare: Charged;
  /** Null where there is no nginx on this machine. */
  readonly nginx: Charged | null;
}

export interface Load {
  readonly clients: number;
  readonly most: number | undefined;
}

export interface Door {
  readonly port: number;
  /** Whose processor time is looked at; empty: nobody's. */
  readonly programs: readonly Process[];
  readonly next: () => Buffer;
}

type Doors = Readonly<Record<keyof Compared, Door | null>>;

/** Everything is warmed up once, and then measured in rounds, each door in each. */
export async function byTurns({ clients = 32, most }: Partial<Load>, doors: Doors): Promise<Compared> {
  const limits = (share: number) => ({
    clients,
    seconds: SECONDS * share,
    ...(most === undefined ? {} : { most: most * share }),
  });
  const meters = Object.values(doors).map((door) => (door === null ? null : meterOf(door)));
  for (const meter of meters) await meter?.warm(limits(0.2));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const meter of meters) await meter?.measure(limits(0.8 / ROUNDS));
  const results = Object.keys(doors).map((name, index) => [name, meters[index]?.charged() ?? null]);
  return Object.fromEntries(results) as Compared;
}

function meterOf({ port, programs, next }: Door) {
  const rounds: Round[] = [];
  let cpu = 0;
  const cpuNow = (): number =>
    programs.length === 0 ? Number.NaN : programs.map(cpuSecondsOf).reduce((sum, one) => sum + one);
  return {
    warm: (limits: Parameters<typeof load>[2]) => load(port, next, limits),
    async measure(limits: Parameters<typeof load>[2]) {
      const before = cpuNow();
      rounds.push(await load(port, next, limits));
      cpu += cpuNow() - before;
    },
    charged(): Charged {
      const figures = figuresOf(rounds);
      return { ...figures, cpu: (cpu / figures.count) * 1_000_000 };
    },
  };
}

/** Every comparison of one kind of call; the aim is the one against the bare proxy. */
export const comparisons = ({ ours, bare, direct, nginx: proxied }: Compared, aim: string): Row[] => [
  ...rates('against a bare Node proxy', ours, bare, aim),
  ...rates('against the upstream itself', ours, direct, ''),
  ...(proxied === null ? [] : rates('against nginx', ours, proxied, '')),
];

export const rates = (what: string, ours: Charged, bare: Charged, aim: string): Row[] => [
  { what: `${what}, requests a second`, ours: ours.rate, bare: bare.rate, unit: '/s', aim },
  ...(Number.isNaN(bare.cpu)
    ? []
    : [{ what: `${what}, processor time a request`, ours: ours.cpu, bare: bare.cpu, unit: 'µs', aim: '' }]),
  { what: `${what}, p50`, ours: ours.p50, bare: bare.p50, unit: 'ms', aim: '' },
  { what: `${what}, p99`, ours: ours.p99, bare: bare.p99, unit: 'ms', aim: '' },
];
