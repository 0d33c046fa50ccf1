import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import { TokenError } from './token-error.ts';

/** Finds the public key that a token of this issuer names. @throws TokenError */
export type IssuerKeys = (issuer: string) => Promise<JWTVerifyGetKey>;

/** API Gateway waits for 1.5 s; a laptop that does all the work at once gets longer. */
const TIMEOUT_MS = 5_000;
/** "API Gateway can cache the public key for two hours." */
const KEYS_MAX_AGE_MS = 2 * 60 * 60 * 1000;

/**
 * Finds the keys of issuers by their discovery documents. Both are fetched when the first token comes,
 * and kept; an unknown `kid` has the keys fetched again.
 */
export function createIssuerKeys(): IssuerKeys {
  const known = new Map<string, Promise<JWTVerifyGetKey>>();
  return (issuer) => {
    const keys = known.get(issuer) ?? discover(issuer);
    known.set(issuer, keys);
    // What cannot be reached now may be there for the next token.
    keys.catch(() => known.delete(issuer));
    return keys;
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { jwks_uri } = (await response.json()) as { jwks_uri: string };
    return createRemoteJWKSet(new URL(jwks_uri), {
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: KEYS_MAX_AGE_MS,
    });
  } catch (cause) {
    throw new TokenError('OIDC discovery endpoint communication error', { cause });
  }
}
