import { refuse } from '#lib/core';

/** A shorter one would be found in half of all answers. */
const SHORTEST = 8;

const REDACTED = Buffer.from('[redacted]');

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
  const needles = shapesOf(secret);
  const longest = Math.max(...needles.map((needle) => needle.length));
  const whole = (bytes: Buffer): Buffer => replaceAll(bytes, needles, onFound);
  return {
    whole,
    text: (text) => whole(Buffer.from(text)).toString(),
    stream() {
      let held: Buffer = Buffer.alloc(0);
      return {
        push(chunk) {
          const seen = whole(held.length === 0 ? chunk : Buffer.concat([held, chunk]));
          const ready = Math.max(0, seen.length - longest + 1);
          held = seen.subarray(ready);
          return seen.subarray(0, ready);
        },
        end: () => whole(held),
      };
    },
  };
}

/** As it is, as JSON and as an address write it, in hexadecimal, and inside a longer base64 text at any place. */
function shapesOf(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const texts = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...[0, 1, 2].flatMap((before) => {
      const inside = insideBase64(bytes, before);
      return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
    }),
  ];
  return [...new Set(texts)].sort((a, b) => b.length - a.length).map((text) => Buffer.from(text));
}

/** The part of the base64 text that is the secret's alone, with so many bytes before it. */
function insideBase64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const from = before === 0 ? 0 : before + 1;
  const whole = Math.floor(((bytes.length + before) * 8) / 6);
  return text.slice(from, whole);
}

function replaceAll(bytes: Buffer, needles: readonly Buffer[], onFound: () => void): Buffer {
  let clean = bytes;
  for (const needle of needles) {
    for (let at = clean.indexOf(needle); at !== -1; at = clean.indexOf(needle, at + REDACTED.length)) {
      onFound();
      clean = Buffer.concat([clean.subarray(0, at), REDACTED, clean.subarray(at + needle.length)]);
    }
  }
  return clean;
}
