import type { Statement } from '#lib/statement';

/** The statement as the page shows it, from the very text whose hash the key signs. */
export interface Opened {
  readonly statement: Statement;
  readonly leaves: readonly Leaf[];
  readonly challenge: Uint8Array<ArrayBuffer>;
  /** To compare with another screen. */
  readonly shortCode: string;
}

export interface Leaf {
  readonly path: string;
  readonly value: string;
  /** null, a number, true, or an empty list: not text that says so. */
  readonly literal: boolean;
}

/** Throws unless the text has one reading: a second key of the same name would be signed and not shown (T22). */
export async function open(text: string): Promise<Opened> {
  const value: unknown = JSON.parse(text);
  if (canonical(value) !== text) throw new Error('The statement is not in its canonical form. Nothing can be signed.');
  const challenge = await challengeOf(text);
  return { statement: value as Statement, leaves: leavesOf(value), challenge, shortCode: shortCode(challenge) };
}

/** RFC 8785 of a parsed value: JSON.stringify spells numbers and strings as it demands; the keys are sorted. */
function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}

/** Every value in it, with the path that leads there. */
export function leavesOf(value: unknown, path = ''): Leaf[] {
  if (value === null || typeof value !== 'object')
    return [{ path, value: String(value), literal: typeof value !== 'string' }];
  const list = Array.isArray(value);
  const fields = Object.entries(value);
  if (fields.length === 0) return [{ path, value: list ? 'empty list' : 'empty', literal: true }];
  return fields.flatMap(([key, field]) =>
    leavesOf(field, list ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
  );
}

const sha256 = async (text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));

/** SHA-256 over the domain tag and the text, like the warden's. */
export const challengeOf = (text: string) => sha256(`countersign/statement/v1\n${text}`);

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The first 40 bits as XXXX-XXXX. */
export function shortCode(bytes: Uint8Array): string {
  const bits = [...bytes.subarray(0, 5)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const code = (bits.match(/.{5}/g) ?? []).map((five) => CROCKFORD[Number.parseInt(five, 2)]).join('');
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** A short code of a public key, for two people to compare. */
export const keyCode = async (publicKey: string): Promise<string> => shortCode(await sha256(publicKey));
