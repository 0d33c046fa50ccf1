/** Why a token is not accepted: the message becomes the `error_description` of the answer. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}
