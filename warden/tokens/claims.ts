import type { KeyObject } from 'node:crypto';
import { type Db, databaseNow } from '#lib/db';
import type { TokenClaims } from '#lib/tokens';
import type { Delivery, MintLimits, TokenParts } from '#warden/targets';
import { signToken } from './sign';

/** What targets behind signed tokens need of the warden: the key that signs, and what introspection would say. */
export function tokenParts(parts: {
  readonly db: Db;
  readonly signingKey: KeyObject;
  readonly issuer: string;
  readonly gatewayOrigin: string;
}): TokenParts {
  const { db, signingKey, issuer, gatewayOrigin } = parts;
  return {
    async mint(config, { reference }, limits): Promise<Delivery> {
      const accessToken = await signToken(signingKey, claimsOf(issuer, config.audience, reference, limits));
      return { kind: 'token', accessToken, ...typeOf(limits) };
    },
    async mintForGateway({ name }, { reference }, limits): Promise<Delivery> {
      const url = gatewayUrl(gatewayOrigin, name);
      // What the warden runs itself needs no token, and one that was never signed cannot leak.
      const own = { ask_token: limits.agent.tokenHash, target_id: limits.targetId };
      const claims = { ...claimsOf(issuer, url, reference, limits), ...own };
      const accessToken = limits.exact === true ? '' : await signToken(signingKey, claims);
      return { kind: 'gateway', url, accessToken, ...typeOf(limits) };
    },
    async introspect(jti) {
      const grant = await db.grant.findFirst({ where: { id: jti, reference: jti } });
      const now = await databaseNow(db);
      return { active: grant?.state === 'active', expiresAt: grant?.expiresAt ?? null, now };
    },
  };
}

/** Where the gateway stands in front of a target, and what a token for there is made out to. */
const gatewayUrl = (origin: string, targetName: string): string => `${origin}/t/${targetName}`;

const typeOf = ({ agent, expiresAt }: MintLimits) => ({
  tokenType: agent.keyThumbprint === null ? ('Bearer' as const) : ('DPoP' as const),
  expiresAt,
});

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

/** Never wider and never later than what was approved: `exp` is rounded down (T30). */
export function claimsOf(issuer: string, audience: string, jti: string, limits: MintLimits): TokenClaims {
  const { agent, resources, verbs, maxUses, mintedAt, expiresAt } = limits;
  const iat = seconds(mintedAt);
  return {
    iss: issuer,
    sub: agent.id,
    client_id: agent.id,
    aud: audience,
    jti,
    iat,
    nbf: iat,
    exp: seconds(expiresAt),
    authorization_details: [
      {
        type: 'countersign',
        locations: [audience],
        actions: verbs,
        resources,
        ...(maxUses === null ? {} : { max_uses: maxUses }),
      },
    ],
    ...(agent.keyThumbprint === null ? {} : { cnf: { jkt: agent.keyThumbprint } }),
  };
}
