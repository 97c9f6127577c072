import type { KeyObject } from 'node:crypto';
import { type Db, databaseNow } from '#lib/db';
import type { TokenConfig } from '#lib/targets';
import type { Delivery, MintLimits, TokenParts } from '#warden/targets';
import { signToken, type TokenClaims } from './jose';

/** What a token target needs of the warden: the key that signs, and what introspection would say. */
export function tokenParts(parts: {
  readonly db: Db;
  readonly signingKey: KeyObject;
  readonly issuer: string;
}): TokenParts {
  const { db, signingKey, issuer } = parts;
  return {
    async mint(config, prepared, limits): Promise<Delivery> {
      const accessToken = await signToken(signingKey, claimsOf(issuer, config, prepared.reference, limits));
      const tokenType = limits.agent.keyThumbprint === null ? 'Bearer' : 'DPoP';
      return { kind: 'token', accessToken, tokenType, expiresAt: limits.expiresAt };
    },
    async introspect(jti) {
      const grant = await db.grant.findFirst({ where: { id: jti, reference: jti } });
      const now = await databaseNow(db);
      return { active: grant?.state === 'active', expiresAt: grant?.expiresAt ?? null, now };
    },
  };
}

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

/** Never wider and never later than what was approved: `exp` is rounded down (T30). */
export function claimsOf(issuer: string, config: TokenConfig, jti: string, limits: MintLimits): TokenClaims {
  const { agent, resources, verbs, maxUses, mintedAt, expiresAt } = limits;
  const iat = seconds(mintedAt);
  return {
    iss: issuer,
    sub: agent.id,
    client_id: agent.id,
    aud: config.audience,
    jti,
    iat,
    nbf: iat,
    exp: seconds(expiresAt),
    authorization_details: [
      {
        type: 'countersign',
        locations: [config.audience],
        actions: verbs,
        resources,
        ...(maxUses === null ? {} : { max_uses: maxUses }),
      },
    ],
    ...(agent.keyThumbprint === null ? {} : { cnf: { jkt: agent.keyThumbprint } }),
  };
}
