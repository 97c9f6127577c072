import type { X509Certificate } from 'node:crypto';

/** One element of DER. `tag` is its identifier octets as one number: 0x30 a sequence, 0xbf853e context tag 702. */
export interface Element {
  readonly tag: number;
  readonly body: Buffer;
}

/** Reads the elements that stand one after the other in these bytes. Throws where one is cut off or of open length. */
export function elementsOf(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, afterTag] = tagAt(bytes, at);
    const [length, start] = lengthAt(bytes, afterTag);
    if (start + length > bytes.length) throw new Error('DER is cut off');
    found.push({ tag, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

const MOST_OCTETS = 4;

function tagAt(bytes: Buffer, at: number): readonly [tag: number, after: number] {
  const first = bytes.readUInt8(at);
  let [tag, next] = [first, at + 1];
  if ((first & 0x1f) !== 0x1f) return [tag, next];
  for (let octet = 0x80; octet & 0x80; next += 1) {
    if (next - at >= MOST_OCTETS) throw new Error('a DER tag is too long');
    octet = bytes.readUInt8(next);
    tag = tag * 256 + octet;
  }
  return [tag, next];
}

function lengthAt(bytes: Buffer, at: number): readonly [length: number, after: number] {
  const first = bytes.readUInt8(at);
  if (first < 0x80) return [first, at + 1];
  const octets = first & 0x7f;
  if (octets === 0 || octets > MOST_OCTETS) throw new Error('a DER length is open or too long');
  return [bytes.readUIntBE(at + 1, octets), at + 1 + octets];
}

const SEQUENCE = 0x30;
const EXTENSIONS = 0xa3;

/** An extension of a certificate. `oid` is the body of its object identifier in hexadecimal. */
interface Extension {
  readonly oid: string;
  readonly value: Buffer;
}

/** The value of a certificate's extension; null where it has none. */
export const extensionOf = (certificate: X509Certificate, wanted: string): Buffer | null =>
  extensionsOf(certificate).find(({ oid }) => oid === wanted)?.value ?? null;

export function extensionsOf({ raw }: X509Certificate): Extension[] {
  const [certificate] = elementsOf(raw);
  const [signed] = elementsOf(certificate?.body ?? Buffer.alloc(0));
  const list = elementsOf(signed?.body ?? Buffer.alloc(0)).find(({ tag }) => tag === EXTENSIONS);
  const [extensions] = elementsOf(list?.body ?? Buffer.alloc(0));
  return elementsOf(extensions?.body ?? Buffer.alloc(0)).flatMap(({ tag, body }) => {
    const parts = elementsOf(body);
    const [oid, value] = [parts[0]?.body, parts.at(-1)?.body];
    return tag === SEQUENCE && oid !== undefined && value !== undefined ? [{ oid: oid.toString('hex'), value }] : [];
  });
}
