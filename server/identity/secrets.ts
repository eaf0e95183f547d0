import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new secret with its hash; only the hash is stored. `prefix` identifies the kind of secret to people and leak scanners. */
export function createSecret(prefix: string): { secret: string; hash: string } {
  const secret = `${prefix}${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashSecret(secret) };
}

/** For storage. A fast hash is enough, since secrets are long and random. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Compares in constant time. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
