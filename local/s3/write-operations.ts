import { AwsError } from '../gateway/service.ts';
import { receiveFile, receiveText } from './body.ts';
import { CHECKSUM_ALGORITHMS, type Checksum, checksumHeaders } from './checksums.ts';
import { writeCondition } from './conditions.ts';
import { s3Error } from './errors.ts';
import { headersToKeep } from './object-headers.ts';
import { type Operation, objectArn } from './operation.ts';
import { withStaged } from './staging.ts';
import { tagsToKeep } from './tags.ts';
import { children, childText, parseXml, type XmlElements, xmlDocument } from './xml.ts';

const MAX_DELETES = 1000;

/** `PutObject`. */
export const putObject: Operation = async (request, s3) => {
  const headers = headersToKeep(request);
  const tags = tagsToKeep(request);
  const condition = writeCondition(request.header);
  const received = await receiveFile(request, s3.layout.temporary());
  return withStaged(received, async ({ path, md5, checksums }) => {
    const algorithm = CHECKSUM_ALGORITHMS.find((name) => checksums[name] !== undefined);
    const checksum: Checksum | undefined = algorithm && {
      algorithm,
      type: 'FULL_OBJECT',
      value: checksums[algorithm]!,
    };
    const record = { key: request.key, etag: md5.toString('hex'), headers, tags, checksum };
    const object = await s3.objects.commit(request.bucket, record, path, condition);
    await s3.announce(request, object, 'PutObject');
    return { headers: { etag: `"${object.etag}"`, ...checksumHeaders(checksum) } };
  });
};

/** `DeleteObject`. */
export const deleteObject: Operation = async (request, s3) => {
  await s3.objects.delete(request.bucket, request.key);
  return { status: 204 };
};

/** `DeleteObjects`: each key succeeds or fails, and is permitted, for itself. */
export const deleteObjects: Operation = async (request, s3) => {
  const order = parseXml(await receiveText(request), 'Delete');
  const objects = children(order, 'Object');
  if (objects.length === 0 || objects.length > MAX_DELETES) throw s3Error('MalformedXML');
  const deleted: XmlElements[] = [];
  const errors: XmlElements[] = [];
  for (const object of objects) {
    const key = childText(object, 'Key');
    if (!key) throw s3Error('MalformedXML');
    try {
      request.call.authorize('s3:DeleteObject', objectArn(request.bucket, key));
      await s3.objects.delete(request.bucket, key);
      deleted.push({ Key: key });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      errors.push({ Key: key, Code: error.code, Message: error.message });
    }
  }
  const quiet = childText(order, 'Quiet') === 'true';
  return { body: xmlDocument('DeleteResult', { Deleted: quiet ? [] : deleted, Error: errors }) };
};
