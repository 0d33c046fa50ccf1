import { AwsError } from '../gateway/service.ts';
import { checksumHeaders } from './checksums.ts';
import { testRead } from './conditions.ts';
import { s3Error } from './errors.ts';
import { overrides, validatorHeaders } from './object-headers.ts';
import type { StoredObject } from './object-store.ts';
import { bucketArn, type Operation, objectArn, type S3Response } from './operation.ts';
import { type ByteRange, parseRange } from './range.ts';
import type { S3Request } from './request.ts';

/** `GetObject`. */
export const getObject: Operation = async (request, s3) => {
  const found = await s3.objects.open(request.bucket, request.key);
  if (!found) throw missing(request);
  try {
    const answer = describe(request, found.object);
    if (answer.status === 304) {
      await found.file.close();
      return answer;
    }
    return { ...answer, body: { file: found.file, ...answer.slice } };
  } catch (error) {
    await found.file.close();
    throw error;
  }
};

/** `HeadObject`: the answer to `GetObject` without the bytes. */
export const headObject: Operation = async (request, s3) => {
  const object = await s3.objects.find(request.bucket, request.key);
  if (!object) throw missing(request);
  return describe(request, object);
};

function describe(
  request: S3Request,
  object: StoredObject,
): S3Response & { slice: { start: number; sizeBytes: number } } {
  const whole = { start: 0, sizeBytes: object.sizeBytes };
  const verdict = testRead(request.header, object);
  if (verdict === 'failed') throw s3Error('PreconditionFailed');
  if (verdict === 'not modified') {
    return { status: 304, headers: validatorHeaders(object), slice: whole };
  }

  const ifRange = request.header('if-range');
  const rangeHolds = ifRange === undefined || ifRange === `"${object.etag}"`;
  const range =
    partOf(request, object) ??
    (rangeHolds ? parseRange(request.header('range'), object.sizeBytes) : undefined);
  const slice = range ? { start: range.start, sizeBytes: range.end - range.start + 1 } : whole;
  // The checksum is the whole object's: with a part of it, SDKs would find it wrong.
  const wantsChecksum = request.header('x-amz-checksum-mode') === 'ENABLED' && !range;
  return {
    status: range ? 206 : 200,
    slice,
    headers: {
      ...object.headers,
      // Before content-length: behind it, Node recodes content-disposition and breaks its UTF-8.
      ...overrides(request.query),
      ...validatorHeaders(object),
      'accept-ranges': 'bytes',
      'content-length': String(slice.sizeBytes),
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${object.sizeBytes}` }),
      ...(request.query.has('partNumber') &&
        object.upload && { 'x-amz-mp-parts-count': String(object.upload.partSizesBytes.length) }),
      ...tagCount(request, object),
      ...(wantsChecksum && checksumHeaders(object.checksum)),
    },
  };
}

/** Where the part of an object is that `partNumber` asks for; one that came as one has one. */
function partOf(request: S3Request, { upload, sizeBytes }: StoredObject): ByteRange | undefined {
  const asked = request.query.get('partNumber');
  if (asked === null) return undefined;
  if (request.header('range') !== undefined) {
    const message = 'Cannot specify both Range header and partNumber query parameter';
    throw s3Error('InvalidRequest', message);
  }
  const sizes = upload?.partSizesBytes ?? [sizeBytes];
  const place = Number(asked) - 1;
  const size = sizes[place];
  if (!/^\d+$/.test(asked) || size === undefined) throw s3Error('InvalidPartNumber');
  // Nothing is no range.
  if (size === 0) return undefined;
  const start = sizes.slice(0, place).reduce((sum, bytes) => sum + bytes, 0);
  return { start, end: start + size - 1 };
}

/** As in S3, told only when there are tags, to a caller who may read them. */
function tagCount(request: S3Request, { tags = [] }: StoredObject): Record<string, string> {
  if (tags.length === 0) return {};
  try {
    request.call.authorize('s3:GetObjectTagging', objectArn(request.bucket, request.key));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return {};
  }
  return { 'x-amz-tagging-count': String(tags.length) };
}

/** As in S3, only a caller who may list the bucket learns that a key does not exist. */
export function missing(request: S3Request): Error {
  request.call.authorize('s3:ListBucket', bucketArn(request.bucket));
  return s3Error('NoSuchKey');
}
