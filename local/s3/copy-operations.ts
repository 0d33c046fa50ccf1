import { createHash, type Hash } from 'node:crypto';
import {
  type ChecksumAlgorithm,
  checksumElements,
  checksumXmlName,
  feed,
  parseAlgorithm,
  startChecksum,
} from './checksums.ts';
import { testRead, writeCondition } from './conditions.ts';
import { s3Error } from './errors.ts';
import { parsePartNumber } from './multipart-operations.ts';
import { headersToKeep } from './object-headers.ts';
import type { StoredObject } from './object-store.ts';
import { type Operation, objectArn, type S3Context } from './operation.ts';
import { type ByteRange, parseCopyRange } from './range.ts';
import type { S3Request } from './request.ts';
import { type StagedFile, stage, withStaged } from './staging.ts';
import { authorizeTagging, tagsToKeep } from './tags.ts';
import { xmlDocument } from './xml.ts';

interface CopiedFile extends StagedFile {
  readonly source: StoredObject;
  /** Hexadecimal MD5 of the bytes copied. */
  readonly etag: string;
  readonly algorithm: ChecksumAlgorithm | undefined;
  /** Base64, of `algorithm`. */
  readonly checksum: string | undefined;
}

/** `CopyObject`: bytes and, unless replaced, metadata and tags of another object, or of the same one. */
export const copyObject: Operation = async (request, s3) => {
  const directive = parseDirective(request, 'x-amz-metadata-directive');
  const ownTags =
    parseDirective(request, 'x-amz-tagging-directive') === 'REPLACE'
      ? tagsToKeep(request)
      : undefined;
  const from = parseCopySource(request);
  if (directive === 'COPY' && from.bucket === request.bucket && from.key === request.key) {
    throw s3Error('InvalidRequest', 'To copy an object to itself, replace its metadata.');
  }
  const condition = writeCondition(request.header);
  const asked = parseAlgorithm(request.header('x-amz-checksum-algorithm'));
  const copied = await copySource(request, s3, {
    authorize(source) {
      if (ownTags || !source.tags?.length) return;
      request.call.authorize('s3:GetObjectTagging', objectArn(from.bucket, from.key));
      authorizeTagging(request);
    },
    algorithmFor: (source) => asked ?? source.checksum?.algorithm,
  });
  return withStaged(copied, async ({ path, source, etag, algorithm, checksum: value }) => {
    const checksum =
      algorithm && value ? { algorithm, value, type: 'FULL_OBJECT' as const } : undefined;
    const headers = directive === 'COPY' ? source.headers : headersToKeep(request);
    const record = { key: request.key, etag, headers, tags: ownTags ?? source.tags, checksum };
    const object = await s3.objects.commit(request.bucket, record, path, condition);
    await s3.announce(request, object, 'CopyObject');
    return {
      body: xmlDocument('CopyObjectResult', {
        LastModified: new Date(object.lastModifiedMs).toISOString(),
        ETag: `"${object.etag}"`,
        ...checksumElements(checksum),
      }),
    };
  });
};

/** `UploadPartCopy`: a part from the bytes, or some of the bytes, of an object. */
export const uploadPartCopy: Operation = async (request, s3) => {
  const partNumber = parsePartNumber(request);
  const uploadId = request.query.get('uploadId') ?? '';
  const upload = await s3.uploads.find(request.bucket, request.key, uploadId);
  const copied = await copySource(request, s3, {
    algorithmFor: () => upload.checksum?.algorithm,
    rangeOf: (source) =>
      parseCopyRange(request.header('x-amz-copy-source-range'), source.sizeBytes),
  });
  return withStaged(copied, async ({ path, sizeBytes, etag, algorithm, checksum }) => {
    const checksums = algorithm && checksum ? { [algorithm]: checksum } : {};
    const part = { partNumber, etag, sizeBytes, checksums, lastModifiedMs: Date.now() };
    await s3.uploads.addPart(upload, part, path);
    return {
      body: xmlDocument('CopyPartResult', {
        LastModified: new Date(part.lastModifiedMs).toISOString(),
        ETag: `"${etag}"`,
        ...(algorithm && { [checksumXmlName(algorithm)]: checksum }),
      }),
    };
  });
};

/** Copies the source into a temporary file, if its conditions hold and the caller may read it. */
async function copySource(
  request: S3Request,
  s3: S3Context,
  choose: {
    /** Refuses before a byte is copied, if what the source carries needs more permissions. */
    authorize?(source: StoredObject): void;
    algorithmFor(source: StoredObject): ChecksumAlgorithm | undefined;
    rangeOf?(source: StoredObject): ByteRange | undefined;
  },
): Promise<CopiedFile> {
  const { bucket, key } = parseCopySource(request);
  request.call.authorize('s3:GetObject', objectArn(bucket, key));
  if (!(await s3.buckets.find(bucket))) throw s3Error('NoSuchBucket');
  const found = await s3.objects.open(bucket, key);
  if (!found) throw s3Error('NoSuchKey');
  const { file, object: source } = found;
  try {
    if (testRead(request.header, source, 'x-amz-copy-source-') !== 'holds') {
      throw s3Error('PreconditionFailed');
    }
    choose.authorize?.(source);
    const range = choose.rangeOf?.(source);
    const algorithm = choose.algorithmFor(source);
    const md5: Hash = createHash('md5');
    const hash = algorithm && startChecksum(algorithm);
    const bytes = file.createReadStream({ ...range, autoClose: false });
    const hashes = hash ? [md5, hash] : [md5];
    const staged = await stage(feed(bytes, hashes), s3.layout.temporary());
    const checksum = hash?.digest().toString('base64');
    return { ...staged, source, etag: md5.digest('hex'), algorithm, checksum };
  } finally {
    await file.close();
  }
}

function parseDirective(request: S3Request, header: string): 'COPY' | 'REPLACE' {
  const directive = request.header(header) ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw s3Error('InvalidArgument', `${header} must be COPY or REPLACE.`);
  }
  return directive;
}

/** Reads `[/]bucket/key`, percent-encoded. */
function parseCopySource(request: S3Request): { bucket: string; key: string } {
  const header = request.header('x-amz-copy-source') ?? '';
  const [path = '', query = ''] = header.split('?');
  if (query !== '') throw s3Error('NotImplemented', 'The embedded S3 server keeps no versions.');
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw s3Error('InvalidArgument', 'x-amz-copy-source is not percent-encoded UTF-8.');
  }
  const [, bucket = '', key = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decoded) ?? [];
  if (key === '') throw s3Error('InvalidArgument', 'x-amz-copy-source must be bucket/key.');
  return { bucket, key };
}
