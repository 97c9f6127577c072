import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { ParseResult } from 'libpg-query';
import { refuse } from '#lib/core';

/*
 * PostgreSQL's own grammar (libpg_query), in a thread of its own: what reads
 * strangers' SQL must neither fill this process nor hold it up.
 */

/** A tree as PostgreSQL's parser makes it: nodes are objects with one name. */
export type Tree = { readonly [key: string]: unknown };

/** What one text may take. */
export interface ParserLimits {
  readonly milliseconds: number;
  /** Of the grammar's own memory, in WebAssembly's pages of 64 KiB. */
  readonly pages: number;
}
/** The grammar begins with 2,048 pages, and reads a megabyte of text with them. */
const LIMITS: ParserLimits = { milliseconds: 2_000, pages: 4_096 };

/** Of JavaScript's memory in the thread. */
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

export interface SqlParser {
  /** The statements of a text. Throws `invalid_request` where it is none, or takes more than it may. */
  parse(sql: string): Promise<readonly Tree[]>;
  close(): Promise<void>;
}

/** Runs in the thread. The grammar asks for memory by growing what it has. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength / 65536 + pages > workerData.pages) throw new RangeError('out of memory');
  return grow.call(this, pages);
};
const { loadModule, parseSync } = require(workerData.parser);
loadModule().then(() => parentPort.postMessage({}));
parentPort.on('message', (sql) => {
  try {
    parentPort.postMessage({ tree: JSON.stringify(parseSync(sql)) });
  } catch (error) {
    parentPort.postMessage({ trouble: String(error && error.message) });
  }
});`;

interface Answer {
  readonly tree?: string;
  readonly trouble?: string;
}

/** How long the grammar may take to load, once a thread. */
const LOAD_MS = 30_000;

/** One thread, made when it is needed and thrown away with the text that was too much for it. */
export function createSqlParser(limits: ParserLimits = LIMITS): SqlParser {
  let thread: Promise<Worker | null> | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  async function open(): Promise<Worker | null> {
    const parser = createRequire(import.meta.url).resolve('libpg-query');
    const workerData = { parser, pages: limits.pages };
    const made = new Worker(THREAD, { eval: true, workerData, resourceLimits: HEAP, env: {} });
    // Between two texts nobody waits for it; what it died of is told when the next one is asked.
    made.on('error', () => undefined);
    return (await told(made, LOAD_MS)) === null ? null : made;
  }

  async function drop(): Promise<void> {
    const dropped = await thread;
    thread = null;
    await dropped?.terminate();
  }

  /** Null where it took too long, or more memory than there is. */
  async function asked(sql: string): Promise<Answer | null> {
    thread ??= open();
    const current = await thread;
    const answer = current === null ? null : await ask(current, sql);
    if (answer === null) await drop();
    // Not the statement's doing: it is tried again.
    return current === null ? refuse('unavailable', 'The grammar that reads statements could not be loaded.') : answer;
  }

  function ask(current: Worker, sql: string): Promise<Answer | null> {
    current.postMessage(sql);
    return told(current, limits.milliseconds);
  }

  return {
    async parse(sql) {
      const mine = turn.then(() => asked(sql));
      turn = mine.catch(() => undefined);
      const answer = await mine;
      if (answer === null)
        return refuse('invalid_request', 'The statement takes too long to read. Send a simpler one.');
      const { tree, trouble } = answer;
      if (tree === undefined)
        return refuse('invalid_request', `The statement cannot be read: ${(trouble ?? '').slice(0, 200)}.`);
      const { stmts = [] } = JSON.parse(tree) as ParseResult;
      return stmts.map(({ stmt = {} }) => stmt as Tree);
    },
    close: drop,
  };
}

/** The thread's next word; null where none comes in time, or the thread has ended. */
async function told(thread: Worker, milliseconds: number): Promise<Answer | null> {
  const signal = AbortSignal.timeout(milliseconds);
  const ended = new AbortController();
  const end = (): void => ended.abort();
  thread.once('exit', end);
  try {
    // Rejects with the thread's own error as well.
    const [answer] = await once(thread, 'message', { signal: AbortSignal.any([signal, ended.signal]) });
    return answer as Answer;
  } catch {
    return null;
  } finally {
    thread.off('exit', end);
  }
}
