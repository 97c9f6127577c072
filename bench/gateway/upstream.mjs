import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/* What everything is measured against and in front of: answers at once, and says nothing new but its schema, once asked. */

const [, , port, schemaFile] = process.argv;
const BODY = JSON.stringify({ data: { things: [{ id: '1', name: 'a' }] } });
const SCHEMA = readFileSync(schemaFile);
const headersOf = (body) => ({ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
const HEADERS = headersOf(BODY);

const server = createServer((request, response) => {
  let asksForSchema = false;
  request.once('data', (chunk) => {
    asksForSchema = chunk.includes('__schema');
  });
  request.resume();
  request.on('end', () =>
    asksForSchema ? response.writeHead(200, headersOf(SCHEMA)).end(SCHEMA) : response.writeHead(200, HEADERS).end(BODY),
  );
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
