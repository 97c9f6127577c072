export const addSeconds = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000);

/** Whole seconds from `from` to `to`; negative when `to` is earlier. */
export const secondsBetween = (from: Date, to: Date): number => Math.floor((to.getTime() - from.getTime()) / 1000);

/** RFC 3339, UTC, milliseconds: the one spelling of an instant in JSON. */
export const iso = (at: Date): string => at.toISOString();
