import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const LONGEST = 65_536;

/** Calls for each line. A longer one is cut: a process that never ends its line does not fill the starter's memory. */
export function eachLine(stream: Readable, act: (line: string) => void, longest = LONGEST): void {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  const take = (text: string): void => {
    const [first = '', ...rest] = text.split('\n');
    begun = (begun + first).slice(0, longest);
    for (const next of rest) {
      act(begun);
      begun = next.slice(0, longest);
    }
  };
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  stream.once('end', () => begun !== '' && act(begun));
}

/** What a process wrote, for a terminal: whoever took the process over moves no cursor and renames no window. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
