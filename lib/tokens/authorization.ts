/** The token of `Authorization: Bearer …` or `DPoP …` (RFC 6750 §2.1, RFC 9449 §7.1), or null. */
export function tokenOf(authorization: string | undefined): string | null {
  return /^(?:Bearer|DPoP) +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
