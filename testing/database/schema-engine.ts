import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/*
 * Prisma's schema engine in its WASM build: what `prisma migrate` runs, without
 * the binary it would download.
 */

export interface SchemaEngine {
  /** SQL that makes what schema.prisma says in an empty database. */
  script(): Promise<string>;
  /** `prisma migrate deploy`: the names of what it applied. */
  apply(dir: string): Promise<string[]>;
  /** Lets go of the migration lock, which the engine keeps with its connection. */
  close(): Promise<void>;
}

interface RawEngine {
  diff(input: object): Promise<{ stdout: string | null }>;
  applyMigrations(input: object): Promise<{ appliedMigrationNames: string[] }>;
}

interface Bindings {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  readonly SchemaEngine: { new: (options: object, log: () => void, adapter: object) => Promise<RawEngine> };
}

const SCHEMA = 'prisma/schema.prisma';
const filters = { externalTables: [], externalEnums: [] };

let loaded: Promise<Bindings> | undefined;

export async function openSchemaEngine(url: string): Promise<SchemaEngine> {
  const files = [{ path: SCHEMA, content: readFileSync(SCHEMA, 'utf8') }];
  const pool = new pg.Pool({ connectionString: url });
  loaded ??= loadBindings();
  const bindings = await loaded;
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const engine = await bindings.SchemaEngine.new(
    { datamodels: files.map(({ path, content }) => [path, content]) },
    () => undefined,
    adapter,
  );
  return {
    async script() {
      const to = { tag: 'schemaDatamodel', files };
      const { stdout } = await engine.diff({
        from: { tag: 'empty' },
        to,
        script: true,
        exitCode: null,
        shadowDatabaseUrl: null,
        filters,
      });
      return stdout ?? '';
    },
    async apply(dir) {
      return (await engine.applyMigrations({ filters, migrationsList: listMigrations(dir) })).appliedMigrationNames;
    },
    close: () => pool.end(),
  };
}

/** What the engine calls when it panics: without it the reason is lost. */
const panics = globalThis as { PRISMA_WASM_PANIC_REGISTRY?: { set_message(message: string): void } };

async function loadBindings(): Promise<Bindings> {
  panics.PRISMA_WASM_PANIC_REGISTRY = { set_message: console.error };
  // By path: the package exports no door to the bindings.
  const dir = resolve('node_modules/@prisma/schema-engine-wasm');
  const bindings = (await import(join(dir, 'schema_engine_bg.js'))) as Bindings;
  const { instance } = await WebAssembly.instantiate(readFileSync(join(dir, 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': bindings as unknown as WebAssembly.ModuleImports,
  });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return bindings;
}

function listMigrations(dir: string): object {
  const names = readdirSync(dir)
    .filter((name) => !name.includes('.'))
    .sort();
  return {
    baseDir: dir,
    lockfile: { path: 'migration_lock.toml', content: readFileSync(join(dir, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: names.map((path) => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(join(dir, path, 'migration.sql'), 'utf8') },
      },
    })),
  };
}
