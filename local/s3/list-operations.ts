import { s3Error } from './errors.ts';
import { folderOfPrefix } from './key-path.ts';
import { type ListPage, listPage, sortKeys } from './list-page.ts';
import type { StoredObject } from './object-store.ts';
import type { Operation, S3Context } from './operation.ts';
import type { S3Request } from './request.ts';
import { type XmlElements, xmlDocument } from './xml.ts';

const MAX_PAGE = 1000;
/** Records read at once; more would only wait for the same few file system threads. */
const READ_AT_ONCE = 16;

/** `ListObjectsV2` (`list-type=2`) and its forerunner `ListObjects`. */
export const listObjects: Operation = async (request, s3) => {
  const isV2 = request.query.get('list-type') === '2';
  const token = request.query.get('continuation-token');
  const startAfter = isV2 ? request.query.get('start-after') : request.query.get('marker');
  const prefix = request.query.get('prefix') ?? '';
  const delimiter = request.query.get('delimiter') ?? '';
  const maxKeys = pageSize(request.query, 'max-keys');
  const encode = keyEncoder(request.query);

  const page = await readPage(request, s3, {
    prefix,
    delimiter,
    maxKeys,
    // S3 ignores an empty token.
    after: token ? decodeToken(token) : (startAfter ?? ''),
    afterPrefix: !!token || !isV2,
  });
  const optional = (value: string | null) => (value === null ? undefined : encode(value));
  return {
    body: xmlDocument('ListBucketResult', {
      Name: request.bucket,
      Prefix: encode(prefix),
      Delimiter: optional(request.query.get('delimiter')),
      MaxKeys: maxKeys,
      EncodingType: request.query.get('encoding-type') ?? undefined,
      IsTruncated: page.next !== undefined,
      ...(isV2
        ? {
            KeyCount: page.objects.length + page.commonPrefixes.length,
            StartAfter: optional(startAfter),
            ContinuationToken: token ?? undefined,
            NextContinuationToken: page.next === undefined ? undefined : encodeToken(page.next),
          }
        : { Marker: encode(startAfter ?? ''), NextMarker: optional(page.next ?? null) }),
      Contents: page.objects.map((object) => objectElements(object, encode)),
      CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: encode(common) })),
    }),
  };
};

/** How keys are to be written: URL-encoded if asked for, as XML cannot tell every character. */
export function keyEncoder(query: URLSearchParams): (key: string) => string {
  const encodingType = query.get('encoding-type');
  if (encodingType === null) return (key) => key;
  if (encodingType !== 'url') throw s3Error('InvalidArgument', 'encoding-type must be url.');
  return (key) =>
    encodeURIComponent(key)
      .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%2F', '/');
}

/** How many entries a page is to have, 1,000 at the most. */
export function pageSize(query: URLSearchParams, parameter: string): number {
  const value = query.get(parameter) ?? String(MAX_PAGE);
  if (!/^\d{1,10}$/.test(value)) throw s3Error('InvalidArgument', `${parameter} must be a number.`);
  return Math.min(Number(value), MAX_PAGE);
}

async function readPage(
  request: S3Request,
  s3: S3Context,
  query: Parameters<typeof listPage>[1],
): Promise<ListPage & { objects: StoredObject[] }> {
  const found: string[] = [];
  for await (const key of s3.objects.keys(request.bucket, folderOfPrefix(query.prefix))) {
    found.push(key);
  }
  // S3 calls a page of no entries the last one.
  const page: ListPage =
    query.maxKeys === 0
      ? { keys: [], commonPrefixes: [], next: undefined }
      : listPage(sortKeys(found), query);
  const objects: StoredObject[] = [];
  for (let at = 0; at < page.keys.length; at += READ_AT_ONCE) {
    const keys = page.keys.slice(at, at + READ_AT_ONCE);
    const batch = await Promise.all(keys.map((key) => s3.objects.find(request.bucket, key)));
    // What was deleted since is left out.
    objects.push(...batch.filter((object) => object !== undefined));
  }
  return { ...page, objects };
}

function objectElements(object: StoredObject, encode: (key: string) => string): XmlElements {
  return {
    Key: encode(object.key),
    LastModified: new Date(object.lastModifiedMs).toISOString(),
    ETag: `"${object.etag}"`,
    ChecksumAlgorithm: object.checksum?.algorithm.toUpperCase(),
    ChecksumType: object.checksum?.type,
    Size: object.sizeBytes,
    StorageClass: 'STANDARD',
  };
}

function encodeToken(last: string): string {
  return Buffer.from(last).toString('base64url');
}

function decodeToken(token: string): string {
  if (!/^[\w-]+$/.test(token)) {
    throw s3Error('InvalidArgument', 'The continuation token is none of this server.');
  }
  return Buffer.from(token, 'base64url').toString('utf8');
}
