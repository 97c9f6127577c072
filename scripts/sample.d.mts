/** How to reach the sample database as its broker: what `.countersign/sample.json` holds. */
export interface SampleFacts {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/**
 * Makes the sample database and its broker role with a superuser's URL, or
 * leaves the existing one as it is. The names are for tests that need several.
 */
export function createSampleDatabase(
  adminUrl: string,
  options?: {
    readonly database?: string;
    readonly password?: string;
    readonly owner?: string;
    readonly broker?: string;
  },
): Promise<SampleFacts>;
