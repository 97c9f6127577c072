/*
 * Only for tests: the ways to write one token down so that a forgiving reader
 * takes it for the same. It shares no code with the reader under test.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** By name. Those that HTTP cannot carry in a header, or trims, are for bodies. */
export function otherSpellings(token: string): ReadonlyArray<readonly [name: string, text: string]> {
  const [head = '', body = '', signature = ''] = token.split('.');
  const parts = [head, body, signature];
  const each = (name: string, change: (part: string) => string | null) =>
    ['header', 'payload', 'signature'].flatMap((part, at): Array<readonly [string, string]> => {
      const changed = change(parts[at] ?? '');
      return changed === null ? [] : [[`${name} the ${part}`, parts.with(at, changed).join('.')]];
    });
  return [
    ...each('padding after', (part) => `${part}=`),
    ...each('two of padding after', (part) => `${part}==`),
    ...each('unused bits in', withUnusedBits),
    ...each('a space in', (part) => `${part.slice(0, 4)} ${part.slice(4)}`),
    ...each('a line feed in', (part) => `${part.slice(0, 4)}\n${part.slice(4)}`),
    ...each('a character outside the alphabet in', (part) => `${part.slice(0, 4)}*${part.slice(4)}`),
    ...each('percent-encoding in', (part) => `%${part.charCodeAt(0).toString(16)}${part.slice(1)}`),
    ['the alphabet of plain base64', `${head}.${body}.${plainBase64(signature)}`],
    ['s → n − s', twinOf(token)],
    ['a space before', ` ${token}`],
    ['a space after', `${token} `],
    ['a tab after', `${token}\t`],
    ['a line feed after', `${token}\n`],
    ['a byte-order mark before', `\uFEFF${token}`],
    ['a dot after', `${token}.`],
    ['a dot before', `.${token}`],
    ['a fourth part', `${token}.AAAA`],
    ['the signature as DER', `${head}.${body}.${derOf(signature)}`],
    ['the flattened JSON form', JSON.stringify({ protected: head, payload: body, signature })],
    ['quotation marks around', `"${token}"`],
  ];
}

/** The last character of a part holds up to four bits that no byte has; null where there are none. */
function withUnusedBits(part: string): string | null {
  if (part.length % 4 === 0) return null;
  return part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.at(-1) ?? '') ^ 1];
}

/** A signature has two characters of the other alphabet in nearly every case, and a plus sign of its own where not. */
function plainBase64(part: string): string {
  const plain = part.replaceAll('-', '+').replaceAll('_', '/');
  return plain === part ? `+${part.slice(1)}` : plain;
}

/** s → n − s: the other ECDSA signature of the same bytes by the same key. */
export function twinOf(token: string): string {
  const end = token.lastIndexOf('.') + 1;
  const bytes = Buffer.from(token.slice(end), 'base64url');
  const other = Buffer.from((N - sOf(token)).toString(16).padStart(64, '0'), 'hex');
  return token.slice(0, end) + Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url');
}

/** The token with the lower s of the two. */
export const lowS = (token: string): string => (sOf(token) <= N / 2n ? token : twinOf(token));

/** The token with the higher s of the two. */
export const highS = (token: string): string => twinOf(lowS(token));

const sOf = (token: string): bigint =>
  BigInt(
    `0x${Buffer.from(token.split('.')[2] ?? '', 'base64url')
      .subarray(32)
      .toString('hex')}`,
  );

/** What most libraries call a signature, and JWS does not (RFC 7518 §3.4). */
function derOf(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  const integers = [bytes.subarray(0, 32), bytes.subarray(32)].map((value) => {
    const positive = (value[0] ?? 0) < 0x80 ? value : Buffer.concat([Buffer.from([0]), value]);
    return Buffer.concat([Buffer.from([2, positive.length]), positive]);
  });
  const inner = Buffer.concat(integers);
  return Buffer.concat([Buffer.from([0x30, inner.length]), inner]).toString('base64url');
}
