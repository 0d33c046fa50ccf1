import { AwsError } from '../gateway/service.ts';
import { receiveFile, receiveText } from './body.ts';
import {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  checksumElements,
  checksumHeader,
  feed,
  parseAlgorithm,
  startChecksum,
} from './checksums.ts';
import { type WriteCondition, writeCondition } from './conditions.ts';
import { s3Error } from './errors.ts';
import {
  chooseParts,
  compositeChecksum,
  etagOfParts,
  type ListedPart,
  parseListedParts,
} from './multipart-assembly.ts';
import type { Upload } from './multipart-store.ts';
import { headersToKeep } from './object-headers.ts';
import type { StoredObject } from './object-store.ts';
import type { Operation, S3Context } from './operation.ts';
import type { S3Request } from './request.ts';
import { stage, withStaged } from './staging.ts';
import { tagsToKeep } from './tags.ts';
import { xmlDocument } from './xml.ts';

const MAX_PART_NUMBER = 10_000;

/** `CreateMultipartUpload`. */
export const createMultipartUpload: Operation = async (request, s3) => {
  const { bucket, key } = request;
  const checksum = chosenChecksum(request);
  const upload = await s3.uploads.create({
    bucket,
    key,
    headers: headersToKeep(request),
    tags: tagsToKeep(request),
    checksum,
  });
  return {
    headers: checksum && {
      'x-amz-checksum-algorithm': checksum.algorithm.toUpperCase(),
      'x-amz-checksum-type': checksum.type,
    },
    body: xmlDocument('InitiateMultipartUploadResult', {
      Bucket: bucket,
      Key: key,
      UploadId: upload.uploadId,
    }),
  };
};

/** `UploadPart`. */
export const uploadPart: Operation = async (request, s3) => {
  const partNumber = parsePartNumber(request);
  const upload = await findUpload(request, s3);
  const received = await receiveFile(request, s3.layout.temporary(), upload.checksum?.algorithm);
  return withStaged(received, async ({ path, sizeBytes, md5, checksums }) => {
    const etag = md5.toString('hex');
    const part = { partNumber, etag, sizeBytes, checksums, lastModifiedMs: Date.now() };
    await s3.uploads.addPart(upload, part, path);
    const sent = Object.entries(checksums).map(([name, value]) => [
      `x-amz-checksum-${name}`,
      value,
    ]);
    return { headers: { etag: `"${etag}"`, ...Object.fromEntries(sent) } };
  });
};

/**
 * `CompleteMultipartUpload`: the listed parts become the object, all others are forgotten. Gigabytes take
 * longer than a client waits for an answer. A repeated request gets the same answer.
 */
export const completeMultipartUpload: Operation = async (request, s3) => {
  const condition = writeCondition(request.header);
  const known = await findUpload(request, s3).catch(async (error) => {
    const listed = parseListedParts(await receiveText(request, { checksumsOf: 'object' }));
    return completedBefore(request, s3, listed, error);
  });
  if ('body' in known) return known;
  const listed = parseListedParts(await receiveText(request, { checksumsOf: 'object' }));
  const body = assemble(request, s3, known, listed, condition).catch(
    async (error) => (await completedBefore(request, s3, listed, error)).body,
  );
  return { body };
};

/** The answer of an upload that was completed with these parts, as long as its object is there. */
async function completedBefore(
  request: S3Request,
  s3: S3Context,
  listed: readonly ListedPart[],
  error: unknown,
): Promise<{ body: string }> {
  const isGone = error instanceof AwsError && error.code === 'NoSuchUpload';
  const object = isGone ? await s3.objects.find(request.bucket, request.key) : undefined;
  const isIt =
    object?.upload?.uploadId === request.query.get('uploadId') &&
    object?.etag === etagOfParts(listed);
  if (!object || !isIt) throw error;
  return { body: completed(request, object) };
}

const completed = (request: S3Request, { key, etag, checksum }: StoredObject): string =>
  xmlDocument('CompleteMultipartUploadResult', {
    Location: `http://${request.header('host') ?? ''}/${request.bucket}/${encodeURI(key)}`,
    Bucket: request.bucket,
    Key: key,
    ETag: `"${etag}"`,
    ...checksumElements(checksum),
  });

function assemble(
  request: S3Request,
  s3: S3Context,
  upload: Upload,
  listed: readonly ListedPart[],
  condition: WriteCondition,
): Promise<string> {
  const algorithm = upload.checksum?.algorithm;
  return s3.uploads.exclusively(upload, async () => {
    const parts = chooseParts(listed, await s3.uploads.parts(upload));
    const announced = announcedChecksum(request);
    const fullObject = upload.checksum
      ? upload.checksum.type === 'FULL_OBJECT' && upload.checksum.algorithm
      : announced?.algorithm;
    const hash = fullObject ? startChecksum(fullObject) : undefined;
    const bytes = feed(s3.uploads.read(upload, parts), hash ? [hash] : []);
    return withStaged(await stage(bytes, s3.layout.temporary()), async ({ path, sizeBytes }) => {
      let checksum: Checksum | undefined;
      if (fullObject && hash) {
        const value = hash.digest().toString('base64');
        checksum = { algorithm: fullObject, type: 'FULL_OBJECT', value };
      } else if (algorithm) {
        checksum = compositeChecksum(algorithm, parts);
      }
      verify(request, { announced, checksum, sizeBytes });
      const { key, headers, tags } = upload;
      const { uploadId } = upload;
      const made = { uploadId, partSizesBytes: parts.map((part) => part.sizeBytes) };
      const record = { key, etag: etagOfParts(parts), headers, tags, checksum, upload: made };
      const object = await s3.objects.commit(upload.bucket, record, path, condition);
      await s3.announce(request, object, 'CompleteMultipartUpload');
      await s3.uploads.remove(upload);
      return completed(request, object);
    });
  });
}

/** `AbortMultipartUpload`. */
export const abortMultipartUpload: Operation = async (request, s3) => {
  const upload = await findUpload(request, s3);
  await s3.uploads.exclusively(upload, () => s3.uploads.remove(upload));
  return { status: 204 };
};

/** @throws AwsError `InvalidArgument` unless it is 1 to 10,000 */
export function parsePartNumber(request: S3Request): number {
  const partNumber = Number(request.query.get('partNumber') ?? '');
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MAX_PART_NUMBER) {
    throw s3Error('InvalidArgument', 'Part number must be an integer between 1 and 10000.');
  }
  return partNumber;
}

/** @throws AwsError `NoSuchUpload` */
export function findUpload(request: S3Request, s3: S3Context): Promise<Upload> {
  return s3.uploads.find(request.bucket, request.key, request.query.get('uploadId') ?? '');
}

/** Which algorithm goes with which type: "Checking object integrity" in the S3 user guide. */
function chosenChecksum(request: S3Request): Upload['checksum'] {
  const algorithm = parseAlgorithm(request.header('x-amz-checksum-algorithm'));
  if (!algorithm) return undefined;
  const preferred = algorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE';
  const type = request.header('x-amz-checksum-type') ?? preferred;
  const possible =
    (type === 'COMPOSITE' && algorithm !== 'crc64nvme') ||
    (type === 'FULL_OBJECT' && algorithm.startsWith('crc'));
  if (!possible) {
    throw s3Error('InvalidRequest', `The checksum type ${type} does not go with ${algorithm}.`);
  }
  return { algorithm, type: type === 'COMPOSITE' ? 'COMPOSITE' : 'FULL_OBJECT' };
}

function announcedChecksum(request: S3Request): Omit<Checksum, 'type'> | undefined {
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = request.header(checksumHeader(algorithm));
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}

function verify(
  request: S3Request,
  object: {
    announced: Omit<Checksum, 'type'> | undefined;
    checksum: Checksum | undefined;
    sizeBytes: number;
  },
): void {
  const { announced, checksum, sizeBytes } = object;
  if (
    announced &&
    (announced.algorithm !== checksum?.algorithm || announced.value !== checksum.value)
  ) {
    throw s3Error('BadDigest', `The ${checksumHeader(announced.algorithm)} is not the object's.`);
  }
  const announcedSize = request.header('x-amz-mp-object-size');
  if (announcedSize !== undefined && Number(announcedSize) !== sizeBytes) {
    throw s3Error('InvalidRequest', `The parts are ${sizeBytes} bytes, not ${announcedSize}.`);
  }
}
