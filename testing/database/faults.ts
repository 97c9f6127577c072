import type { Socket } from 'node:net';

/** How a server fails a connection: the last it does to the client's socket. */
export type Fault = (client: Socket) => void;

/** Closes in order: FIN. */
export const hangUp: Fault = (client) => void client.end();

/** Closes without order: RST. */
export const reset: Fault = (client) => void client.resetAndDestroy();

/** Ends within a message. */
export const breakOff: Fault = (client) => void client.end(errorMessage('57P01').subarray(0, 9));

/** Answers in another protocol. */
export const babble: Fault = (client) => void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');

/** Gives a reason, then closes: how PostgreSQL ends a session. */
export const endWith =
  (sqlState: string): Fault =>
  (client) =>
    void client.end(errorMessage(sqlState));

/** ErrorResponse of PostgreSQL's protocol, version 3. */
function errorMessage(sqlState: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0Mno more of this\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
