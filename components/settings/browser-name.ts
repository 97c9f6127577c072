const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;

const SYSTEMS = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const;

/** A browser as its person would call it: "Firefox on macOS". The first mark that fits wins: most pose as others too. */
export function browserName(userAgent: string): string {
  const named = (marks: ReadonlyArray<readonly [mark: string, name: string]>): string | undefined =>
    marks.find(([mark]) => userAgent.includes(mark))?.[1];
  return `${named(BROWSERS) ?? 'Unknown browser'} on ${named(SYSTEMS) ?? 'an unknown system'}`;
}
