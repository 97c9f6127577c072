import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const NEXT = 'node_modules/next/dist/bin/next';

export interface Server {
  readonly origin: string;
  stop(): Promise<void>;
}

/** A built Next app under load: `.` is ours, `bench/bare` is what it is measured against. */
export async function serve(folder: string, port: number, env: Readonly<Record<string, string>>): Promise<Server> {
  if (!existsSync(`${folder}/.next/BUILD_ID`))
    execFileSync(process.execPath, [NEXT, 'build', folder], {
      stdio: 'ignore',
      env: { ...process.env, NODE_ENV: 'production' },
    });
  const origin = `http://localhost:${port}`;
  const child = spawn(process.execPath, [NEXT, 'start', folder, '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  await answering(origin, child);
  return { origin, stop: () => new Promise((resolve) => child.once('exit', () => resolve()) && child.kill('SIGTERM')) };
}

async function answering(origin: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries += 1) {
    if (
      await fetch(`${origin}/nothing`).then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
  throw new Error(`${origin} does not answer`);
}

/** Requests a second over `seconds`, with `clients` at a time, each waiting for its answer. Every answer must be a 201. */
export async function load(clients: number, seconds: number, send: () => Promise<Response>): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let answered = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const answer = await send();
      await answer.arrayBuffer();
      if (answer.status !== 201) throw new Error(`answered ${answer.status}`);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return answered / seconds;
}
