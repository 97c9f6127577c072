/*
 * How long a run is: BENCH_SECONDS for each round of load, BENCH_REQUESTS for the rounds that look at memory, and
 * BENCH_SHORT=1 for a run that only shows that everything runs.
 */
const SHORT = (process.env['BENCH_SHORT'] ?? '') !== '';

/** Of one round of load. */
export const SECONDS = Number(process.env['BENCH_SECONDS'] ?? (SHORT ? 2 : 8));

/** Next.js needs about this long under load before it is as fast as it gets. */
export const WARM_SECONDS = SHORT ? 3 : 20;

/** Calls after which memory is looked at again. */
export const MANY_REQUESTS = Number(process.env['BENCH_REQUESTS'] ?? (SHORT ? 10_000 : 200_000));

/** How often something is repeated. */
export const times = (count: number): number => (SHORT ? Math.max(5, Math.ceil(count / 10)) : count);

/** Live roles at the target beside what is measured. */
export const LIVE_ROLES = SHORT ? [0, 10, 50] : [0, 100, 1_000];
