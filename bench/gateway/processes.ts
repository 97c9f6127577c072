import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Process } from '../world';

export interface Running extends Process {
  stop(): Promise<void>;
}

/** A program of ours, once it says that it listens. */
export async function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  await new Promise((resolve, reject) => child.stdout.once('data', resolve) && child.once('exit', reject));
  return running(child);
}

/** nginx with one worker in front of the upstream; null where there is none on this machine. */
export async function nginx(port: number, upstreamPort: number): Promise<Running | null> {
  if (spawnSync('nginx', ['-v']).status !== 0) return null;
  const dir = mkdtempSync(join(tmpdir(), 'countersign-nginx-'));
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, config(dir, port, upstreamPort));
  const child = spawn('nginx', ['-c', file, '-p', dir], { stdio: 'ignore' });
  await sleep(500);
  return running(child);
}

const config = (dir: string, port: number, upstreamPort: number): string => `
daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  upstream bare { server 127.0.0.1:${upstreamPort}; keepalive 64; }
  server {
    listen 127.0.0.1:${port}; keepalive_requests 1000000;
    location / { proxy_pass http://bare; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`;

function running(child: ChildProcess): Running {
  return {
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** Resident memory, MiB. */
export function memoryOf({ pid }: Process): number {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(line) / 1024;
}

/** Linux counts in hundredths. */
const TICKS = 100;

/** Processor time it took so far, threads included, seconds. */
export function cpuSecondsOf({ pid }: Process): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
