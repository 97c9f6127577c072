/*
 * Only for tests: DER, as far as certificates need it. node:crypto reads
 * certificates and writes none.
 */

const big = (length: number): Buffer => {
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
};

/** An element with this tag, which may be of several octets. */
export function element(tag: number | readonly number[], ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? Buffer.from([body.length]) : big(body.length);
  return Buffer.concat([Buffer.from(typeof tag === 'number' ? [tag] : tag), length, body]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, ...parts);
export const integer = (value: number | Uint8Array): Buffer =>
  element(0x02, typeof value === 'number' ? Buffer.from([value]) : value);
export const enumerated = (value: number): Buffer => element(0x0a, Buffer.from([value]));
export const boolean = (value: boolean): Buffer => element(0x01, Buffer.from([value ? 0xff : 0]));
export const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes);
export const bits = (bytes: Uint8Array): Buffer => element(0x03, Buffer.from([0]), bytes);
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
export const nothing = (): Buffer => element(0x05);
/** Constructed, context-specific. */
export const context = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  element(number < 31 ? 0xa0 | number : [0xbf, 0x80 | (number >> 7), number & 0x7f], ...parts);

/** GeneralizedTime. */
export const time = (at: Date): Buffer =>
  element(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const octetsOf = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) octetsOf.unshift((left & 0x7f) | 0x80);
    return octetsOf;
  });
  return element(0x06, Buffer.from(bytes));
}
