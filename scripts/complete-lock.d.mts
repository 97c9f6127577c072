interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: { readonly [name: string]: string };
}

/** Adds an entry for every optional dependency that has none, and returns their names. */
export function completeLock(lock: { packages: { [path: string]: LockEntry } }): string[];
