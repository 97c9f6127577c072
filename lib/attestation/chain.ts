import type { X509Certificate } from 'node:crypto';

/** No maker's chain is longer; each certificate costs a signature check. */
const LONGEST = 8;

/** Certificates of which each one issued the one before, the leaf first, and the root that issued the last, if any did. */
export interface Path {
  readonly certificates: readonly X509Certificate[];
  readonly root: X509Certificate | null;
}

/**
 * Follows the certificates that an authenticator showed, the leaf first, up to
 * one of these roots. Every certificate is valid now, every one above the leaf is
 * an authority's, and the leaf is nobody's authority. A root may be the leaf
 * itself, as FIDO's metadata lists it for makers without an authority. What was
 * shown beside the path is not in it: anybody can show another's certificate.
 */
export function pathOf(certificates: readonly X509Certificate[], roots: readonly X509Certificate[], now: Date): Path {
  const [leaf, ...above] = certificates;
  if (leaf === undefined) return { certificates: [], root: null };
  const path = [leaf];
  if (certificates.length > LONGEST || !isValidAt(leaf, now)) return { certificates: path, root: null };
  const itself = roots.find((root) => root.raw.equals(leaf.raw));
  if (itself !== undefined) return { certificates: path, root: itself };
  if (leaf.ca) return { certificates: path, root: null };
  for (let below = leaf; ; path.push(below)) {
    const root = roots.find((each) => didIssue(each, below, now));
    if (root !== undefined) return { certificates: path, root };
    const next = above.shift();
    if (next === undefined || !didIssue(next, below, now)) return { certificates: path, root: null };
    below = next;
  }
}

/** Names alone prove nothing, and a signature alone may be by a key that was certified for something else. */
function didIssue(issuer: X509Certificate, subject: X509Certificate, now: Date): boolean {
  return issuer.ca && isValidAt(issuer, now) && subject.checkIssued(issuer) && isSignedBy(subject, issuer);
}

/** False for a signature of a kind that OpenSSL does not know. */
function isSignedBy(subject: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return subject.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

export const isValidAt = ({ validFrom, validTo }: X509Certificate, now: Date): boolean =>
  Date.parse(validFrom) <= now.getTime() && now.getTime() <= Date.parse(validTo);
