import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '#scripts/installation';

/* Only for tests. A real nginx on loopback, and a server that says what reached it. */

export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).error === undefined;

/** What a request line said. */
export interface Line {
  readonly method: string;
  readonly target: string;
}

/** Answers every request with its own request line, as its bytes came. */
async function echo(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket: Socket) => {
    let seen = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      if (!seen.includes('\r\n\r\n')) return;
      const line = Buffer.from(seen.slice(0, seen.indexOf('\r\n')), 'latin1').toString('base64');
      socket.end(`HTTP/1.1 200 OK\r\nX-Line: ${line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: portOf(server) };
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

export interface Nginx {
  /** Sends these bytes as a request line's target; what reached the upstream, or the status nginx answered itself. */
  send(method: string, target: string): Promise<Line | number>;
  stop(): Promise<void>;
}

/** As most are set up: a location that normalises, and a `proxy_pass` with a path. */
export async function startNginx(): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-classify-nginx-'));
  const [upstream, port] = [await echo(), await freePorts(1)];
  for (const one of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, one));
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, { port, upstream: upstream.port }));
  const log = join(folder, 'error.log');
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', log], { stdio: 'ignore' });
  // A run that is broken off leaves no nginx behind.
  const kill = (): void => void child.kill('SIGTERM');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && kill() === undefined) await gone;
    await new Promise((resolve) => upstream.server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  };
  const nginx = { send: (method: string, target: string) => send(port, method, target), stop };
  for (let left = 200; left > 0; left -= 1) {
    if (await nginx.send('GET', '/t/x/').catch(() => null)) return nginx;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error('nginx did not start.');
}

const configuration = (folder: string, ports: { readonly port: number; readonly upstream: number }): string => `
daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log ${join(folder, 'error.log')};
${process.getuid?.() === 0 ? 'user root;' : ''}
events {}
http {
  access_log off;
  client_body_temp_path ${join(folder, 'body')}; proxy_temp_path ${join(folder, 'proxy')};
  fastcgi_temp_path ${join(folder, 'fastcgi')}; uwsgi_temp_path ${join(folder, 'uwsgi')}; scgi_temp_path ${join(folder, 'scgi')};
  large_client_header_buffers 4 16k;
  server {
    listen 127.0.0.1:${ports.port};
    location / { return 404; }
    location /t/x/ { proxy_pass http://127.0.0.1:${ports.upstream}/; }
  }
}
`;

function send(port: number, method: string, target: string): Promise<Line | number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.setTimeout(10_000, () => socket.destroy(new Error('nginx did not answer')));
    socket.on('error', reject);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      const answer = Buffer.concat(chunks).toString('latin1');
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
      const line = /\r\nX-Line: (\S+)/i.exec(answer)?.[1];
      resolve(line === undefined ? status : lineOf(Buffer.from(line, 'base64').toString('utf8')));
    });
    socket.write(Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`, 'utf8'));
  });
}

/** Up to the last blank: nginx itself passes on what it was sent, and a target may hold blanks. */
function lineOf(line: string): Line {
  const [first, last] = [line.indexOf(' '), line.lastIndexOf(' ')];
  return { method: line.slice(0, first), target: line.slice(first + 1, last) };
}
