import pg, { type ClientConfig } from 'pg';

/**
 * The driver, which without this would end the process where a server goes away in
 * the moment between a connection's being ready and its first query: the pool has
 * taken its own listener away by then, and whoever asked for it has none yet.
 */
export class SteadyClient extends pg.Client {
  constructor(config?: ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
