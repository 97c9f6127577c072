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

/** The value of a certificate's extension, by the body of its object identifier in hexadecimal; null where it has none. */
export function extensionOf({ raw }: X509Certificate, oid: string): Buffer | null {
  const [certificate] = elementsOf(raw);
  const [signed] = elementsOf(certificate?.body ?? Buffer.alloc(0));
  const list = elementsOf(signed?.body ?? Buffer.alloc(0)).find(({ tag }) => tag === EXTENSIONS);
  const [extensions] = elementsOf(list?.body ?? Buffer.alloc(0));
  for (const { tag, body } of elementsOf(extensions?.body ?? Buffer.alloc(0))) {
    const parts = elementsOf(body);
    if (tag === SEQUENCE && parts[0]?.body.toString('hex') === oid) return parts.at(-1)?.body ?? null;
  }
  return null;
}
