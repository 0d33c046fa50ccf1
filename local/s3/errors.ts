import { AwsError } from '../gateway/service.ts';

/** Status and default sentence per code, from the "Error responses" page of the S3 API reference. */
const ERRORS = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationQueryParametersError: [400, 'A parameter of the presigned URL is not valid.'],
  BadDigest: [400, 'A digest sent with the request did not match the data that arrived.'],
  BucketAlreadyOwnedByYou: [409, 'The bucket exists already, and it is yours.'],
  BucketNotEmpty: [409, 'The bucket holds objects or uploads that have begun: delete them first.'],
  EntityTooSmall: [400, 'A part other than the last one is smaller than 5 MiB.'],
  IncompleteBody: [400, 'The body ended before all the bytes it announced had arrived.'],
  InternalError: [500, 'The S3 server failed. Its log says why.'],
  InvalidArgument: [400, 'A parameter of the request is not valid.'],
  InvalidBucketName: [400, 'A bucket name is 3 to 63 of a-z, 0-9, dots and hyphens.'],
  InvalidDigest: [400, 'Content-MD5 must be 16 bytes in base64.'],
  InvalidPart: [400, 'A listed part was never uploaded, or its ETag or checksum differs.'],
  InvalidPartNumber: [416, 'The requested partnumber is not satisfiable'],
  InvalidPartOrder: [400, 'List the parts in ascending order of their numbers.'],
  InvalidRange: [416, 'The requested range does not lie within the object.'],
  InvalidRequest: [400, 'The request is not valid.'],
  InvalidURI: [400, 'The path of the request is not valid percent-encoded UTF-8.'],
  InvalidTag: [400, 'The tags of the request are not valid.'],
  KeyTooLongError: [400, 'The key is longer than 1,024 bytes, or than this file system can name.'],
  MalformedTrailerError: [400, 'A trailer that x-amz-trailer announced did not arrive.'],
  MalformedXML: [400, 'The XML of the body is not what this operation takes.'],
  MaxMessageLengthExceeded: [400, 'The XML of the body is too large.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [404, 'The upload does not exist: it was completed, aborted or never begun.'],
  NotImplemented: [501, 'The embedded S3 server does not implement this.'],
  PreconditionFailed: [412, 'At least one of the preconditions you specified did not hold.'],
  ServiceUnavailable: [503, 'The S3 server is shutting down.'],
  XAmzContentSHA256Mismatch: [400, 'x-amz-content-sha256 does not match the body that arrived.'],
} as const satisfies Record<string, readonly [statusCode: number, message: string]>;

export type S3ErrorCode = keyof typeof ERRORS;

/** An error as S3 names it; a message of its own where the default sentence is too general. */
export function s3Error(code: S3ErrorCode, message?: string): AwsError {
  const [statusCode, sentence] = ERRORS[code];
  return new AwsError(code, message ?? sentence, statusCode);
}
