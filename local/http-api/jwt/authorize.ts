import type { JWTPayload } from 'jose';
import { ApiError } from '../api-error.ts';
import type { Route } from '../definition.ts';
import type { ApiRequest } from '../request.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { TokenError } from './token-error.ts';
import { verifyToken } from './verify-token.ts';

/** What a function learns of the token, as `requestContext.authorizer.jwt`. */
export interface TokenIdentity {
  readonly claims: Readonly<Record<string, string>>;
  /** The token's scopes; `null` where the route asks for none. */
  readonly scopes: readonly string[] | null;
}

const CHALLENGE = 'www-authenticate';

/**
 * Lets a request with a good token pass, and any request where the route has no authorizer.
 * @returns what the token says; `undefined` without an authorizer
 * @throws ApiError 401 or 403, with a `www-authenticate` header (RFC 6750, section 3)
 */
export async function authorize(
  { authorizer, scopes: wanted }: Route,
  { headers }: ApiRequest,
  issuerKeys: IssuerKeys,
): Promise<TokenIdentity | undefined> {
  if (!authorizer) return undefined;
  // With or without the scheme, both are documented.
  const token = headers[authorizer.header]?.replace(/^Bearer(?: +|$)/i, '').trim();
  if (!token) throw new ApiError(401, 'Unauthorized', { headers: { [CHALLENGE]: 'Bearer' } });

  const payload = await verifyToken(token, authorizer, issuerKeys).catch((error: unknown) => {
    if (!(error instanceof TokenError)) throw error;
    throw refusal(401, 'Unauthorized', wanted, 'invalid_token', error.message);
  });
  const scopes = scopesOf(payload);
  if (wanted.length > 0 && !wanted.some((scope) => scopes.includes(scope))) {
    const detail = 'the token has none of the scopes';
    throw refusal(403, 'Forbidden', wanted, 'insufficient_scope', detail);
  }
  return { claims: claimsAsText(payload), scopes: wanted.length > 0 ? scopes : null };
}

function refusal(
  statusCode: number,
  message: string,
  scopes: readonly string[],
  error: string,
  detail: string,
): ApiError {
  const challenge = `Bearer scope="${scopes.join(' ')}" error="${error}" error_description="${detail}"`;
  return new ApiError(statusCode, message, { detail, headers: { [CHALLENGE]: challenge } });
}

/** Of `scope` (RFC 8693: separated by spaces) or of `scp`, which Okta and Entra ID use. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  return [scope ?? scp ?? []].flat().flatMap((value) => String(value).split(' ').filter(Boolean));
}

/**
 * Claims arrive as strings: lists as `[a b]`, what is `null` not at all
 * (measured: https://github.com/floci-io/floci/pull/2011).
 */
function claimsAsText(payload: JWTPayload): Record<string, string> {
  return Object.fromEntries(
    Object.entries(payload)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, asText(value)]),
  );
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asText).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
