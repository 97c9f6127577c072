/** What `{name}` in a pattern stands for in a path. */
export type Captures = { readonly [name: string]: string };

/** One part of a pattern: a word, or the name of what stands there. */
interface Part {
  readonly word: string;
  readonly name: string | null;
}

interface Parts {
  readonly fixed: readonly Part[];
  /** Whether a last `**` takes any rest. */
  readonly open: boolean;
}

/** `/repos/{owner}/{repo}`, taken apart: to the letter, and as careless servers read it. */
export interface Pattern {
  readonly text: string;
  readonly exact: Parts;
  readonly loose: Parts;
}

export function patternOf(text: string): Pattern {
  const loose = foldedParts(text.slice(1).split('/').map(decoded)).join('/');
  return { text, exact: partsOf(text.slice(1)), loose: partsOf(loose) };
}

function partsOf(text: string): Parts {
  const parts = text.split('/');
  const open = parts.at(-1) === '**';
  const fixed = (open ? parts.slice(0, -1) : parts).map((word) => ({
    word,
    name: /^\{(\w+)\}$/.exec(word)?.[1] ?? null,
  }));
  return { fixed, open };
}

/** A pattern may be written encoded; what it is held against never is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What the pattern's names stand for, or null where it does not fit to the letter. */
export function captured({ exact }: Pattern, segments: readonly string[]): Captures | null {
  if (!fits(exact, segments)) return null;
  const captures: { [name: string]: string } = {};
  for (const [index, { name }] of exact.fixed.entries()) {
    if (name !== null) captures[name] = segments[index] ?? '';
  }
  return captures;
}

function fits({ fixed, open }: Parts, segments: readonly string[]): boolean {
  if (open ? segments.length < fixed.length : segments.length !== fixed.length) return false;
  return fixed.every(({ word, name }, index) => {
    const value = segments[index] ?? '';
    return name === null ? word === value : value !== '';
  });
}

/** A path as Express, Rails and IIS read it: in any case, with or without a last slash, an ending like `.json` cut off. */
export function readingsOf(segments: readonly string[]): readonly (readonly string[])[] {
  const whole = foldedParts(segments);
  const last = whole.at(-1) ?? '';
  const bare = last.replace(/(?<=.)\.[^.]*$/, '');
  return bare === last ? [whole] : [whole, [...whole.slice(0, -1), bare]];
}

export const fitsLoosely = ({ loose }: Pattern, readings: readonly (readonly string[])[]): boolean =>
  readings.some((one) => fits(loose, one));

const foldedParts = (parts: readonly string[]): string[] =>
  (parts.at(-1) === '' && parts.length > 1 ? parts.slice(0, -1) : parts).map((part) =>
    part.normalize('NFKC').toLowerCase(),
  );
