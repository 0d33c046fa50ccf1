import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { JwtAuthorizer } from '../definition.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { TokenError } from './token-error.ts';

/** "Currently, only RSA-based algorithms are supported." */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

/**
 * Verifies a token as API Gateway documents it: signature, `kid`, `iss`, `aud` or `client_id`, `exp`,
 * `nbf`, `iat`.
 * @returns its claims
 * @throws TokenError
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export async function verifyToken(
  token: string,
  { issuer, audience }: JwtAuthorizer,
  issuerKeys: IssuerKeys,
): Promise<JWTPayload> {
  const keyOf: JWTVerifyGetKey = async (header, jws) => {
    // A key set with a single key would do without; API Gateway does not.
    if (!header.kid) throw new TokenError('the token has no key id');
    const keys = await issuerKeys(issuer);
    return keys(header, jws);
  };
  try {
    const { payload } = await jwtVerify(token, keyOf, {
      algorithms: ALGORITHMS,
      issuer,
      requiredClaims: ['exp'],
    });
    checkAudience(payload, audience);
    checkIssuedAt(payload);
    return payload;
  } catch (error) {
    throw error instanceof TokenError ? error : new TokenError(describe(error), { cause: error });
  }
}

/** `client_id` counts only where there is no `aud`: access tokens of Cognito. */
function checkAudience(payload: JWTPayload, audience: readonly string[]): void {
  const values = [payload.aud ?? payload.client_id].flat();
  if (!values.some((value) => audience.includes(value as string))) {
    throw new TokenError('the token does not have a valid audience');
  }
}

function checkIssuedAt({ iat }: JWTPayload): void {
  if (iat !== undefined && iat > Date.now() / 1000) {
    throw new TokenError('the token was issued in the future');
  }
}

/** In words of this file only: the token's own would let it write into the answer's header. */
function describe(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'the token does not have a valid issuer';
    if (error.claim === 'nbf') return 'the token is not valid yet';
    return 'the token has an invalid claim';
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the signing method is invalid';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token names no key of the issuer';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is invalid';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return 'the token is malformed';
  }
  return 'the keys of the issuer cannot be read';
}
