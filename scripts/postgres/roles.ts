import pg from 'pg';

export interface Passwords {
  readonly owner: string;
  readonly web: string;
  readonly warden: string;
  readonly gateway: string;
}

const ROLES = {
  owner: 'countersign_owner',
  web: 'countersign_web',
  warden: 'countersign_warden',
  gateway: 'countersign_gateway',
} as const;

/**
 * Makes the four roles and the database, or gives existing ones these
 * passwords and rights. The client may be a superuser, or have CREATEROLE and
 * CREATEDB. None of them may make roles, databases or anything temporary.
 */
export async function prepareDatabase(admin: pg.Client, database: string, passwords: Passwords): Promise<void> {
  for (const [key, role] of Object.entries(ROLES)) await prepareRole(admin, role, passwords[key as keyof Passwords]);
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (rowCount === 0) {
    // Only a member may give a database to a role; a superuser need not be one.
    await admin.query(`GRANT ${ROLES.owner} TO CURRENT_USER`);
    await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${ROLES.owner}`);
  }
  await restrictDatabase(admin, database);
}

/** Who may connect to the database, and nobody else. */
export async function restrictDatabase(admin: pg.Client, database: string): Promise<void> {
  const name = pg.escapeIdentifier(database);
  await admin.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT, CREATE ON DATABASE ${name} TO ${ROLES.owner}`);
  await admin.query(`GRANT CONNECT ON DATABASE ${name} TO ${ROLES.web}, ${ROLES.warden}, ${ROLES.gateway}`);
}

/** The roles' URLs of a database at the host and port of `base`. */
export function roleUrls(base: string, database: string, passwords: Passwords): Passwords {
  const url = (key: keyof Passwords) => {
    const copy = new URL(base);
    copy.username = ROLES[key];
    copy.password = passwords[key];
    copy.pathname = `/${database}`;
    return copy.href;
  };
  return { owner: url('owner'), web: url('web'), warden: url('warden'), gateway: url('gateway') };
}

async function prepareRole(admin: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await admin.query(`${verb} ROLE ${role} LOGIN NOCREATEDB NOCREATEROLE PASSWORD ${pg.escapeLiteral(password)}`);
}
