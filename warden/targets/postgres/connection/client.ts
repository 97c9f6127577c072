import pg, { type ClientConfig } from 'pg';
import { DomainError } from '#lib/core';
import { CheckedSocket } from './addresses';

interface Driver {
  readonly connection: { on(event: string, listener: () => void): void; readonly stream: CheckedSocket };
  password: unknown;
}

/** How a server asks for a password, where it would see it or what is as good as it. */
const IN_CLEAR = {
  authenticationCleartextPassword: 'the password itself',
  authenticationMD5Password: 'an MD5 hash of the password',
} as const;

/**
 * The driver, which proves that it knows a password and never sends it: by SCRAM
 * (RFC 5802), bound to the TLS channel where the server offers that. A server that
 * asks for more may be anybody's, whatever the target's TLS setting says.
 */
export class ScramClient extends pg.Client {
  constructor(config: ClientConfig = {}) {
    // The pool hides the password from copies.
    const { password } = config;
    super({ ...config, password, stream: () => new CheckedSocket(), enableChannelBinding: true } as ClientConfig);
    // Between two queries nobody else listens: an error there would end the process.
    this.on('error', () => undefined);
    // The driver's own answers to these come after, and find neither a password nor a connection.
    const driver = this as unknown as Driver;
    for (const [event, what] of Object.entries(IN_CLEAR))
      driver.connection.on(event, () => {
        driver.password = '';
        driver.connection.stream.destroy(refusal(`${config.host}:${config.port}`, what));
      });
  }
}

const refusal = (where: string, what: string): DomainError =>
  new DomainError(
    'target_refused',
    `The server at ${where} asks for ${what}. It is not sent. Have the role's password stored as SCRAM (SET password_encryption = 'scram-sha-256'; \\password) and asked for with scram-sha-256 in pg_hba.conf.`,
  );
