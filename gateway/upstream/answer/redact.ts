import { refuse } from '#lib/core';
import { alphabetOf, beginnings, MOST_PER_CHARACTER, type Shape, shapesOf, stepsOf } from './shapes';

/** A shorter one would be found in half of all answers. */
const SHORTEST = 8;

/** So many characters of a shape are looked for at once; the rest is looked at where they are found. */
const BEGINNING = 4;

const REDACTED = '[redacted]';

/** Looks for one secret in what a provider sends, in every shape it may come back in (T34). */
export interface Redactor {
  /** The bytes without the secret. */
  whole(bytes: Buffer): Buffer;
  text(text: string): string;
  /** For one body that comes in pieces: holds back what may be the beginning of the secret. */
  stream(): { push(chunk: Buffer): Buffer; end(): Buffer };
}

export function redactor(secret: string, onFound: () => void): Redactor {
  if (secret.length < SHORTEST)
    refuse('invalid_request', `The secret is too short: it has at least ${SHORTEST} characters.`);
  const shapes = shapesOf(secret);
  const finder: Finder = { begin: beginnings(shapes, BEGINNING), steps: stepsOf(shapes), onFound };
  const alphabet = alphabetOf(secret);
  const longest = Math.max(...shapes.map(({ length }) => length)) * MOST_PER_CHARACTER;
  const clean = (text: string): string => take(finder, text, text.length).clean;
  return {
    text: clean,
    whole(bytes) {
      const text = bytes.toString('latin1');
      const seen = clean(text);
      return seen === text ? bytes : Buffer.from(seen, 'latin1');
    },
    stream() {
      let held = '';
      return {
        push(chunk) {
          const text = held + chunk.toString('latin1');
          const { clean: ready, end } = take(finder, text, settled(text, alphabet, longest));
          held = text.slice(end);
          return Buffer.from(ready, 'latin1');
        },
        end: () => Buffer.from(clean(held), 'latin1'),
      };
    },
  };
}

interface Finder {
  /** Stateful (`lastIndex`): never shared across an await. */
  readonly begin: RegExp;
  readonly steps: readonly Shape[];
  readonly onFound: () => void;
}

/**
 * What begins before `until` is decided, whatever follows it. A beginning needs
 * characters of the alphabet up to the end: an event's last line break lets it
 * all go, and nobody waits for the next.
 */
function settled(text: string, alphabet: readonly boolean[], longest: number): number {
  const least = Math.max(0, text.length - longest + 1);
  let until = text.length;
  while (until > least && alphabet[text.charCodeAt(until - 1)] === true) until -= 1;
  return until;
}

/** The text up to `until` without the secret, or up to the end of one that begins before it. One pass, one join: what a provider repeats costs no more than what it does not. */
function take({ begin, steps, onFound }: Finder, text: string, until: number): { clean: string; end: number } {
  const parts: string[] = [];
  let end = 0;
  begin.lastIndex = 0;
  for (let found = begin.exec(text); found !== null && found.index < until; found = begin.exec(text)) {
    const { index } = found;
    const over = Math.max(...steps.map((shape) => endOf(shape, text, index)));
    begin.lastIndex = Math.max(over, index + 1);
    if (over === -1) continue;
    onFound();
    parts.push(text.slice(end, index), REDACTED);
    end = over;
  }
  const last = Math.max(end, until);
  return { clean: parts.length === 0 ? text.slice(0, last) : parts.join('') + text.slice(end, last), end: last };
}

/** Where the shape that begins here ends; -1 where it is none. `%25` may be one character or three: both are followed, side by side. */
function endOf(shape: Shape, text: string, from: number): number {
  let ends: readonly number[] = [from];
  for (const readings of shape) {
    const [reading, another] = readings;
    const [at = 0, other] = ends;
    if (reading !== undefined && another === undefined && other === undefined) ends = after(reading, text, at);
    else ends = [...new Set(ends.flatMap((one) => readings.flatMap((each) => after(each, text, one))))];
    if (ends.length === 0) return -1;
  }
  return Math.max(...ends);
}

const NOWHERE: readonly number[] = [];

function after(reading: RegExp, text: string, at: number): readonly number[] {
  reading.lastIndex = at;
  return reading.test(text) ? [reading.lastIndex] : NOWHERE;
}
