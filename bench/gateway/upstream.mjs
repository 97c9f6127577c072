import { createServer } from 'node:http';

/* What everything is measured against and in front of: answers at once, and says nothing new. */

const BODY = JSON.stringify({ data: { things: [{ id: '1', name: 'a' }] } });
const HEADERS = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) };

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, HEADERS).end(BODY));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('listening\n'));
