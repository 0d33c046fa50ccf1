import type { IncomingHttpHeaders } from 'node:http';

/** What a request says about itself, before anyone reads its body. */
export interface RequestIdentity {
  /** The service's signing name (`s3`, `dynamodb`, `events`, …); `health` for a probe, `issuer` for keys. */
  readonly service: string;
  /** The access key the request claims to be signed with. */
  readonly accessKeyId: string | undefined;
}

const targets: Record<string, string> = {
  DynamoDB_20120810: 'dynamodb',
  AWSEvents: 'events',
  AmazonSQS: 'sqs',
};

/** The `Version` of a query-protocol body names its service as surely as a signature does. */
const queryVersions: Record<string, string> = {
  '2012-11-05': 'sqs',
  '2010-03-31': 'sns',
  '2011-06-15': 'sts',
};

/**
 * Tells which service a request is for, from the strongest sign to the weakest: target header,
 * credential scope (header or presigned URL), path. What is left is S3, the only service with
 * unsigned requests to arbitrary paths; `undefined` means "a form: look into the body".
 */
export function identify(
  method: string,
  url: URL,
  headers: IncomingHttpHeaders,
): RequestIdentity | undefined {
  const scope = credentialScope(url, headers);
  const target = String(headers['x-amz-target'] ?? '').split('.')[0] ?? '';
  const service = (Object.hasOwn(targets, target) ? targets[target] : undefined) ?? scope?.service;
  if (service) return { service, accessKeyId: scope?.accessKeyId };

  if (url.pathname.startsWith('/2015-03-31/')) return unsigned('lambda');
  if (url.pathname === '/_health') return unsigned('health');
  if (url.pathname.startsWith('/_issuer/')) return unsigned('issuer');
  if (method === 'GET' && url.pathname === '/') return unsigned('health');
  if (isForm(method, headers)) return undefined;
  return unsigned('s3');
}

/** The service of an unsigned query-protocol form, by the version in (the beginning of) its body. */
export function identifyForm(bodyStart: string): RequestIdentity {
  const version = new URLSearchParams(bodyStart).get('Version') ?? '';
  return unsigned(
    (Object.hasOwn(queryVersions, version) ? queryVersions[version] : undefined) ?? 's3',
  );
}

function unsigned(service: string): RequestIdentity {
  return { service, accessKeyId: undefined };
}

function isForm(method: string, headers: IncomingHttpHeaders): boolean {
  return (
    method === 'POST' &&
    String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  );
}

/** `AKID/20260101/us-east-1/s3/aws4_request`, from the Authorization header or a presigned URL. */
function credentialScope(url: URL, headers: IncomingHttpHeaders) {
  const header = /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1];
  const credential = header ?? url.searchParams.get('X-Amz-Credential');
  const parts = credential?.split('/') ?? [];
  if (parts.length < 5 || parts.at(-1) !== 'aws4_request') return undefined;
  // Access keys never hold a slash, but reading from the end costs nothing and cannot be fooled.
  return { accessKeyId: parts.slice(0, -4).join('/'), service: parts.at(-2) as string };
}
