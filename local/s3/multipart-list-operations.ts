import { checksumXmlName } from './checksums.ts';
import { s3Error } from './errors.ts';
import { keyEncoder, pageSize } from './list-operations.ts';
import { findUpload } from './multipart-operations.ts';
import type { Part, Upload } from './multipart-store.ts';
import type { Operation } from './operation.ts';
import { type XmlElements, xmlDocument } from './xml.ts';

/** `ListParts`. */
export const listParts: Operation = async (request, s3) => {
  const upload = await findUpload(request, s3);
  const maxParts = pageSize(request.query, 'max-parts');
  const marker = Number(request.query.get('part-number-marker') ?? 0);
  const parts = (await s3.uploads.parts(upload)).filter((part) => part.partNumber > marker);
  const page = parts.slice(0, maxParts);
  const encode = keyEncoder(request.query);
  return {
    body: xmlDocument('ListPartsResult', {
      Bucket: upload.bucket,
      Key: encode(upload.key),
      UploadId: upload.uploadId,
      StorageClass: 'STANDARD',
      ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
      ChecksumType: upload.checksum?.type,
      PartNumberMarker: marker,
      NextPartNumberMarker: page.at(-1)?.partNumber,
      MaxParts: maxParts,
      IsTruncated: parts.length > page.length,
      Part: page.map((part) => partElements(part, upload)),
    }),
  };
};

/** `ListMultipartUploads`, by key, then in the order of their beginning. */
export const listMultipartUploads: Operation = async (request, s3) => {
  const { query } = request;
  if (query.get('delimiter')) throw s3Error('NotImplemented', 'Uploads are not rolled up here.');
  const prefix = query.get('prefix') ?? '';
  const maxUploads = pageSize(query, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  const uploadIdMarker = query.get('upload-id-marker') ?? '';
  const sorted = (await s3.uploads.list(request.bucket))
    .filter((upload) => upload.key.startsWith(prefix))
    .sort(byKeyThenBeginning);
  const uploads = sorted.slice(positionAfter(sorted, keyMarker, uploadIdMarker));
  const page = uploads.slice(0, maxUploads);
  const encode = keyEncoder(query);
  return {
    body: xmlDocument('ListMultipartUploadsResult', {
      Bucket: request.bucket,
      Prefix: encode(prefix),
      KeyMarker: encode(keyMarker),
      UploadIdMarker: uploadIdMarker,
      NextKeyMarker: encode(page.at(-1)?.key ?? ''),
      NextUploadIdMarker: page.at(-1)?.uploadId ?? '',
      MaxUploads: maxUploads,
      EncodingType: query.get('encoding-type') ?? undefined,
      IsTruncated: uploads.length > page.length,
      Upload: page.map((upload) => ({
        Key: encode(upload.key),
        UploadId: upload.uploadId,
        StorageClass: 'STANDARD',
        Initiated: new Date(upload.initiatedAtMs).toISOString(),
        ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
        ChecksumType: upload.checksum?.type,
      })),
    }),
  };
};

function partElements(part: Part, upload: Upload): XmlElements {
  const algorithm = upload.checksum?.algorithm;
  return {
    PartNumber: part.partNumber,
    LastModified: new Date(part.lastModifiedMs).toISOString(),
    ETag: `"${part.etag}"`,
    Size: part.sizeBytes,
    ...(algorithm && { [checksumXmlName(algorithm)]: part.checksums[algorithm] }),
  };
}

function byKeyThenBeginning(a: Upload, b: Upload): number {
  return (
    Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
    a.initiatedAtMs - b.initiatedAtMs ||
    a.uploadId.localeCompare(b.uploadId)
  );
}

/** With both markers behind that very upload, with the key alone behind all uploads of the key. */
function positionAfter(
  sorted: readonly Upload[],
  keyMarker: string,
  uploadIdMarker: string,
): number {
  if (keyMarker === '') return 0;
  const exact = sorted.findIndex(
    (upload) => upload.key === keyMarker && upload.uploadId === uploadIdMarker,
  );
  if (exact !== -1) return exact + 1;
  const marker = Buffer.from(keyMarker);
  const next = sorted.findIndex((upload) => Buffer.compare(Buffer.from(upload.key), marker) > 0);
  return next === -1 ? sorted.length : next;
}
