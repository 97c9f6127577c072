const UNITS: ReadonlyArray<readonly [name: string, seconds: number]> = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/**
 * Writes a duration as a person says it: `90` → "1 minute 30 seconds". It rounds
 * no whole second away, so that the approved time is the time that was read.
 */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.trunc(seconds));
  const parts: string[] = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count === 0) continue;
    parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
    rest -= count * size;
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}
