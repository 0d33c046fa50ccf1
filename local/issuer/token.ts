import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { ALGORITHM, signingKey } from './signing-key.ts';

/** Who signs, and for whom: what the authorizer of the API compares. */
export interface IssuerRecord {
  readonly issuer: string;
  readonly audience: string;
}

export interface TokenRequest {
  /** Becomes the claim `tenantId`. */
  readonly tenantId: string;
  /** Default: none. */
  readonly scopes?: readonly string[];
  /** Default: an hour; below 0, the token has expired already. */
  readonly expiresInSeconds?: number;
}

const DEFAULT_EXPIRY_SECONDS = 60 * 60;

/**
 * Signs an access token.
 * @param directory the issuer's, in the state directory of a stack
 */
export async function signToken(
  directory: string,
  { issuer, audience }: IssuerRecord,
  { tenantId, scopes = [], expiresInSeconds = DEFAULT_EXPIRY_SECONDS }: TokenRequest,
): Promise<string> {
  const key = await signingKey(directory);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const scope = scopes.join(' ');
  return new SignJWT({ tenantId, ...(scope && { scope }) })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(`developer@${tenantId}`)
    .setJti(randomUUID())
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + expiresInSeconds)
    .sign(key);
}

/** Where a stack notes its issuer for programs that only know its state directory. */
export const recordPath = (directory: string): string => join(directory, 'issuer.json');

/** @returns what the stack has noted; `undefined` where none has run */
export async function readIssuerRecord(directory: string): Promise<IssuerRecord | undefined> {
  try {
    return JSON.parse(await readFile(recordPath(directory), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
