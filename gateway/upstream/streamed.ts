import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Readable, Writable } from 'node:stream';
import { exchange, type UpstreamCall, type Wire } from './exchange';

/** An answer this small is sent in one piece. */
const SMALL_BYTES = 32_768;

interface Streaming {
  readonly call: UpstreamCall;
  readonly body: Readable | null;
  readonly response: ServerResponse;
  readonly extra: readonly string[];
}

/** Passes the answer on as it comes. Once something of it was sent, a failing breaks the agent's connection. */
export async function streamed(
  wire: Wire,
  { call, body, response, extra }: Streaming,
): Promise<{ readonly status: number }> {
  const hungUp = Object.assign(new EventEmitter(), { aborted: response.destroyed });
  const onClose = (): void => {
    if (response.writableFinished) return;
    hungUp.aborted = true;
    hungUp.emit('abort');
  };
  response.once('close', onClose);
  // Writing to an agent that is gone is no error of ours, and must not end the process.
  response.on('error', () => undefined);
  let status = 0;
  try {
    await exchange(wire, { call, body, signal: hungUp }, (head) => {
      status = head.status;
      const open = head.length !== null && head.length <= SMALL_BYTES ? inOnePiece : inPieces;
      return open(wire, response, { status, headers: flat(head.headers, extra) });
    });
    return { status };
  } catch (error) {
    if (response.headersSent) response.destroy();
    throw error;
  } finally {
    response.off('close', onClose);
  }
}

/** As node takes them fastest: name, value, name, value. */
function flat(headers: Readonly<Record<string, string>>, extra: readonly string[]): string[] {
  const list = [...extra];
  for (const [name, value] of Object.entries(headers)) list.push(name, value);
  return list;
}

interface Opening {
  readonly status: number;
  readonly headers: string[];
}

/** Small: looked at whole, and sent with its length. */
function inOnePiece({ redact }: Wire, response: ServerResponse, { status, headers }: Opening): Writable {
  const chunks: Buffer[] = [];
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
    final(done) {
      const [first] = chunks;
      const clean = redact.whole(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
      if (status !== 204 && status !== 304) headers.push('content-length', String(clean.length));
      response.writeHead(status, headers);
      response.end(clean);
      done();
    },
  });
}

/** Large, or of unknown length: looked at as it passes. Nothing is said before there is something to say, so what fails at once is told. */
function inPieces({ redact, stallMs }: Wire, response: ServerResponse, { status, headers }: Opening): Writable {
  const looking = redact.stream();
  const begin = (): void => void (response.headersSent || response.writeHead(status, headers));
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const ready = looking.push(chunk);
      if (ready.length === 0) return done();
      begin();
      if (response.write(ready)) done();
      else drained(response, stallMs, done);
    },
    final(done) {
      begin();
      response.end(looking.end());
      if (!response.writableFinished) breakUnlessRead(response, stallMs);
      done();
    },
  });
}

/** Waits for the agent to read. One that does not would hold a connection to the provider for as long as it likes. */
function drained(response: ServerResponse, stallMs: number, done: (error?: Error) => void): void {
  const onDrain = (): void => {
    clearTimeout(late);
    done();
  };
  const late = setTimeout(() => {
    response.off('drain', onDrain);
    done(new Error('The agent does not read.'));
  }, stallMs);
  response.once('drain', onDrain);
}

/** The rest lies in memory until it is read: not for ever. */
function breakUnlessRead(response: ServerResponse, stallMs: number): void {
  const late = setTimeout(() => response.destroy(), stallMs).unref();
  response.once('close', () => clearTimeout(late));
}
