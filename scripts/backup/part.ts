import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createGunzip, createGzip } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';

/*
 * A part of a backup: lines of JSON, gzip, age (age-encryption.org/v1). Whoever has
 * the key reads it without us: `age -d -i key.txt warden.age | zcat`.
 */

/** What a line holds: a piece of a file, base64, in order; or a row of a table, as PostgreSQL spells it in JSON. */
export type Line = { readonly file: string; readonly data: string } | { readonly table: string; readonly row: string };

/** Encrypts the lines for whoever has the key of `recipient` (`age1…`). */
export async function sealPart(lines: AsyncIterable<Line>, recipient: string, out: Writable): Promise<void> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const clear = Readable.from(spelt(lines)).pipe(createGzip());
  const sealed = await encrypter.encrypt(asWeb(clear));
  await pipeline(Readable.fromWeb(sealed as ReadableStream<Uint8Array>), out);
}

/** The lines again, with the key that stands in `identity` (`AGE-SECRET-KEY-1…`). Throws where it is another key's, cut short or changed. */
export async function* openPart(input: Readable, identity: string): AsyncGenerator<Line> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const clear = await decrypter.decrypt(asWeb(input));
  const text = Readable.fromWeb(clear as ReadableStream<Uint8Array>);
  const unzipped = createGunzip();
  const fed = pipeline(text, unzipped);
  // What is wrong with it is thrown below, where the lines are read.
  fed.catch(() => undefined);
  let rest = '';
  for await (const chunk of unzipped.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Line;
  }
  await fed;
}

export async function* spelt(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

const asWeb = (stream: Readable) => Readable.toWeb(stream) as globalThis.ReadableStream<Uint8Array>;
