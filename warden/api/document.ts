import { readFileSync } from 'node:fs';

/** The OpenAPI document of the agents' API, as it is served. */
export type ApiDocument = Readonly<Record<string, unknown>>;

/**
 * Reads the document that the build wrote, and names this origin in it. It is not
 * generated here: what generates it reads GraphQL, and nothing in the process that
 * holds the signing key does. Throws where it cannot be read.
 */
export function readDocument(file: string, origin: string): ApiDocument {
  try {
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as ApiDocument), servers: [{ url: origin }] };
  } catch (cause) {
    throw new Error(`${file} is missing or broken: remove what is there, and run \`npm run build\`.`, { cause });
  }
}
