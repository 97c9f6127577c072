import { createServer } from 'node:http';
import { Pool } from 'undici';

/* The fastest bare reverse proxy on Node of three that were tried. It checks nothing. */

const [, , port, upstream] = process.argv;
const pool = new Pool(upstream ?? '', { connections: 64, pipelining: 1 });

const server = createServer((request, response) => {
  const { method = 'GET', url: path = '/', headers } = request;
  const body = method === 'GET' ? null : request;
  const { host: _host, connection: _connection, ...rest } = headers;
  pool
    .stream({ method, path, headers: rest, body, opaque: response }, ({ statusCode, headers: answered, opaque }) =>
      opaque.writeHead(statusCode, answered),
    )
    .catch(() => response.destroy());
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
