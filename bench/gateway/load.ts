import { connect, type Socket } from 'node:net';
import { percentile } from '../measure';

/** What a round of load showed. */
export interface Round {
  /** Milliseconds of each answer. */
  readonly taken: readonly number[];
  readonly seconds: number;
}

export interface Figures {
  /** Answers. */
  readonly count: number;
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export function figuresOf(rounds: readonly Round[]): Figures {
  const taken = rounds.flatMap((round) => round.taken);
  const seconds = rounds.reduce((sum, round) => sum + round.seconds, 0);
  return {
    count: taken.length,
    rate: taken.length / seconds,
    p50: percentile(taken, 0.5),
    p99: percentile(taken, 0.99),
  };
}

/**
 * Raw requests over keep-alive connections, one at a time on each: cheap enough
 * not to be what is measured. `next` gives the bytes of one request. Any answer
 * but 2xx ends it.
 */
export async function load(
  port: number,
  next: () => Buffer,
  { clients, seconds, most = Number.POSITIVE_INFINITY }: { clients: number; seconds: number; most?: number },
): Promise<Round> {
  const end = performance.now() + seconds * 1000;
  const taken: number[] = [];
  const begun = performance.now();
  const client = async (): Promise<void> => {
    const line = await open(port);
    while (performance.now() < end && taken.length < most) {
      const from = performance.now();
      await line.ask(next());
      taken.push(performance.now() - from);
    }
    line.close();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { taken, seconds: (performance.now() - begun) / 1000 };
}

async function open(port: number): Promise<{ ask(request: Buffer): Promise<void>; close(): void }> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return {
    ask: (request) => {
      socket.write(request);
      return whole(socket);
    },
    close: () => socket.destroy(),
  };
}

/** One answer, to its end. */
function whole(socket: Socket): Promise<void> {
  let got = '';
  return new Promise((resolve, reject) => {
    const done = (error?: Error): void => {
      socket.off('data', onData).off('close', onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onClose = (): void => done(new Error(`the connection closed after: ${got.slice(0, 300)}`));
    const onData = (chunk: Buffer): void => {
      got += chunk.toString('latin1');
      if (!isWhole(got)) return;
      done(got.startsWith('HTTP/1.1 2') ? undefined : new Error(got.slice(0, 2_000)));
    };
    socket.on('data', onData).on('close', onClose);
  });
}

function isWhole(got: string): boolean {
  const head = got.indexOf('\r\n\r\n');
  if (head === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(got.slice(0, head + 2))?.[1];
  if (length !== undefined) return got.length >= head + 4 + Number(length);
  return got.endsWith('0\r\n\r\n');
}
