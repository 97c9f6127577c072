/** Only for tests: the web process's settings, over this database and on the usual ports. */
export const webEnvOf = (databaseUrl: string) => ({
  databaseUrl,
  webOrigin: 'http://localhost:3000',
  signOrigin: 'http://localhost:3100',
  agentOrigin: 'http://localhost:3300',
  gatewayOrigin: 'http://localhost:3200',
  rpId: 'localhost',
  sessionSecret: 'x'.repeat(32),
  oidc: null,
});
