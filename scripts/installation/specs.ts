import type { Layout, ProcessUsers } from '#scripts/folder';
import type { ChildSpec, Program } from '#scripts/supervision';
import type { Database } from './database';
import type { Settings } from './settings';

/** What the three processes are started from. */
export interface Surroundings {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly users: ProcessUsers | null;
  readonly program: Program;
  readonly database: Database;
  readonly development: boolean;
}

/** As long as the other doors hold an idle connection (lib/http/wire/keep-alive.ts). */
const KEPT = ['--keepAliveTimeout', '95000'];

/** Web gets no path to another's folder, no broker's password and nobody's database role but its own (P3). */
export function webSpec(it: Surroundings): ChildSpec {
  const { settings, layout, database, development } = it;
  const listening = ['-p', String(settings.ports.web), '-H', settings.listenHost];
  return {
    ...common(it, 'web'),
    args: ['node_modules/next/dist/bin/next', ...(development ? ['dev'] : ['start', ...KEPT]), ...listening],
    env: {
      ...shared(it),
      ...settings.passedToWeb,
      NEXT_TELEMETRY_DISABLED: '1',
      DATABASE_URL: database.urls.web,
      SESSION_SECRET_FILE: layout.web.sessionSecret,
    },
  };
}

export function wardenSpec(it: Surroundings, onSetupLink: (url: string) => void): ChildSpec {
  const { settings, layout, database } = it;
  return {
    ...common(it, 'warden'),
    args: ['--enable-source-maps', 'dist/warden.mjs'],
    onEvent: ({ event, url }) => void (event === 'setup_link' && typeof url === 'string' && onSetupLink(url)),
    env: {
      ...shared(it),
      WARDEN_DATABASE_URL: database.urls.warden,
      MAKER_ROOTS_DIR: settings.passedToWarden['MAKER_ROOTS_DIR'] ?? layout.makers.roots,
      FIDO_METADATA_FILE: settings.passedToWarden['FIDO_METADATA_FILE'] ?? layout.makers.metadata,
      WARDEN_DIR: layout.warden.dir,
      PUBLIC_DIR: layout.public,
      SAMPLE_FILE: database.embedded ? layout.warden.sample : undefined,
      SIGN_PORT: String(settings.ports.sign),
      AGENT_PORT: String(settings.ports.agents),
    },
  };
}

/** The gateway parses what strangers send: of keys it gets a path to its own, and to public ones (P6). */
export function gatewaySpec(it: Surroundings): ChildSpec {
  const { settings, layout, database } = it;
  return {
    ...common(it, 'gateway'),
    args: ['--enable-source-maps', 'dist/gateway.mjs'],
    env: {
      ...shared(it),
      ...settings.passedToGateway,
      GATEWAY_DATABASE_URL: database.urls.gateway,
      GATEWAY_DIR: layout.gateway.dir,
      GATEWAY_INSTANCE_DIR: layout.gateway.instance,
      PUBLIC_DIR: layout.public,
      GATEWAY_PORT: String(settings.ports.gateway),
    },
  };
}

function common({ layout, users, program }: Surroundings, name: 'web' | 'warden' | 'gateway') {
  return { name, logFile: layout[name].log, workshop: layout.dir, owner: users?.[name] ?? null, program };
}

function shared({ settings, development }: Surroundings): ChildSpec['env'] {
  return {
    ...settings.passed,
    NODE_ENV: development ? 'development' : 'production',
    WEB_ORIGIN: settings.webOrigin,
    SIGN_ORIGIN: settings.signOrigin,
    AGENT_ORIGIN: settings.agentOrigin,
    GATEWAY_ORIGIN: settings.gatewayOrigin,
    LISTEN_HOST: settings.listenHost,
  };
}
