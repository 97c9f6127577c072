import pg, { type QueryConfig } from 'pg';
import type { Json } from '#lib/core';
import type { SqlOperation } from '#lib/targets';
import type { Client } from '../connection/connection';

const MAX_ROWS = 1_000;
const MAX_BYTES = 256 * 1024;

interface Ran {
  readonly rowCount: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  readonly truncated: boolean;
}

const NUMBERS = [21, 23, 26, 700, 701];
const BOOLEAN = 16;
const JSONS = [114, 3802];

/** Values as JSON where JSON has them, else as PostgreSQL writes them: no time zone is guessed, no digit lost. */
export function jsonParser(type: number): (text: string) => Json {
  if (type === BOOLEAN) return (text) => text === 't';
  if (NUMBERS.includes(type)) return (text) => (Number.isFinite(Number(text)) ? Number(text) : text);
  if (JSONS.includes(type)) return (text) => JSON.parse(text) as Json;
  return (text) => text;
}

/** The guard of a stranger's SQL: this protocol takes a single statement, also where there are no parameters. */
export const oneStatement = (text: string): QueryConfig & { readonly queryMode: 'extended' } => ({
  text,
  queryMode: 'extended',
});

/** One statement, its values bound. For a connection without a time limit of the driver's, which would take the place of the events. */
export function runOne(client: Client, sql: string, parameters: SqlOperation['parameters']): Promise<Ran> {
  const config = {
    ...oneStatement(sql),
    values: parameters,
    types: { getTypeParser: jsonParser },
    rowMode: 'array' as const,
  };
  return new Promise((resolve, reject) => {
    const rows: Json[][] = [];
    let bytes = 0;
    let seen = 0;
    const query = new pg.Query<Json[]>(config);
    // Listening for rows keeps the driver from collecting them: a large answer must not fill the memory.
    query.on('row', (row) => {
      seen += 1;
      bytes += Buffer.byteLength(JSON.stringify(row));
      if (seen <= MAX_ROWS && bytes <= MAX_BYTES) rows.push(row);
    });
    query.on('error', reject);
    query.on('end', (result) =>
      resolve({
        rowCount: result.rowCount ?? 0,
        columns: result.fields.map((field) => field.name),
        rows,
        truncated: seen > rows.length,
      }),
    );
    client.query(query);
  });
}
