import { s3Error } from './errors.ts';

/**
 * Refuses a presigned URL past its time; whatever is not presigned passes. Signatures are not
 * verified here, so an altered URL passes too.
 * @throws AwsError `AccessDenied` after the expiry, or when the URL does not tell it
 */
export function refuseExpired(query: URLSearchParams, nowMs: number): void {
  const expiryMs = expiryOf(query);
  if (expiryMs === undefined) return;
  if (Number.isNaN(expiryMs)) {
    throw s3Error('AccessDenied', 'The presigned URL does not say when it expires.');
  }
  if (nowMs >= expiryMs) throw s3Error('AccessDenied', 'Request has expired');
}

/** Signature version 4 allows a week. */
const MAX_VALID_SECONDS = 7 * 24 * 3600;

function validSecondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^-?\d+$/.test(text)) {
    throw s3Error('AuthorizationQueryParametersError', 'X-Amz-Expires should be a number');
  }
  if (seconds < 0) {
    throw s3Error('AuthorizationQueryParametersError', 'X-Amz-Expires must be non-negative');
  }
  if (seconds > MAX_VALID_SECONDS) {
    const message =
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds';
    throw s3Error('AuthorizationQueryParametersError', message);
  }
  return seconds;
}

/** In milliseconds since 1970; undefined when the request is not presigned. */
function expiryOf(query: URLSearchParams): number | undefined {
  if (query.has('X-Amz-Signature')) {
    const signedAt = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(
      query.get('X-Amz-Date') ?? '',
    );
    if (!signedAt) return Number.NaN;
    const [year, month, day, hour, minute, second] = signedAt.slice(1).map(Number);
    const validSeconds = validSecondsOf(query.get('X-Amz-Expires') ?? '');
    return Date.UTC(year!, month! - 1, day, hour, minute, second) + validSeconds * 1000;
  }
  // Signature version 2, with which older CLIs still presign.
  if (query.has('Signature')) return Number.parseInt(query.get('Expires') ?? '', 10) * 1000;
  return undefined;
}
