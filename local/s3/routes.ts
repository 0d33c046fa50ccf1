import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './bucket-operations.ts';
import { copyObject, uploadPartCopy } from './copy-operations.ts';
import { s3Error } from './errors.ts';
import { listObjects } from './list-operations.ts';
import { listMultipartUploads, listParts } from './multipart-list-operations.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from './multipart-operations.ts';
import { bucketArn, type Operation, objectArn } from './operation.ts';
import { getObject, headObject } from './read-operations.ts';
import type { S3Request } from './request.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './tag-operations.ts';
import { deleteObject, deleteObjects, putObject } from './write-operations.ts';

/**
 * An operation and the IAM action the caller needs for it, on what the path names. Sources of
 * copies, keys of `DeleteObjects` and tags of writes are authorised by the operations.
 */
interface Route {
  readonly action?: string;
  readonly run: Operation;
}

const ROUTES: Readonly<Record<string, Route>> = {
  'GET service': { action: 's3:ListAllMyBuckets', run: listBuckets },

  'PUT bucket': { action: 's3:CreateBucket', run: createBucket },
  'DELETE bucket': { action: 's3:DeleteBucket', run: deleteBucket },
  'HEAD bucket': { action: 's3:ListBucket', run: headBucket },
  'GET bucket': { action: 's3:ListBucket', run: listObjects },
  'GET bucket?location': { action: 's3:GetBucketLocation', run: getBucketLocation },
  'GET bucket?uploads': { action: 's3:ListBucketMultipartUploads', run: listMultipartUploads },
  'POST bucket?delete': { run: deleteObjects },

  'GET object': { action: 's3:GetObject', run: getObject },
  'HEAD object': { action: 's3:GetObject', run: headObject },
  'GET object?partNumber': { action: 's3:GetObject', run: getObject },
  'HEAD object?partNumber': { action: 's3:GetObject', run: headObject },
  'PUT object': { action: 's3:PutObject', run: putObject },
  'PUT object from copy': { action: 's3:PutObject', run: copyObject },
  'DELETE object': { action: 's3:DeleteObject', run: deleteObject },

  'GET object?tagging': { action: 's3:GetObjectTagging', run: getObjectTagging },
  'PUT object?tagging': { action: 's3:PutObjectTagging', run: putObjectTagging },
  'DELETE object?tagging': { action: 's3:DeleteObjectTagging', run: deleteObjectTagging },

  'POST object?uploads': { action: 's3:PutObject', run: createMultipartUpload },
  'PUT object?uploadId': { action: 's3:PutObject', run: uploadPart },
  'PUT object?uploadId from copy': { action: 's3:PutObject', run: uploadPartCopy },
  'POST object?uploadId': { action: 's3:PutObject', run: completeMultipartUpload },
  'DELETE object?uploadId': { action: 's3:AbortMultipartUpload', run: abortMultipartUpload },
  'GET object?uploadId': { action: 's3:ListMultipartUploadParts', run: listParts },
};

/**
 * Query parameters that make another operation of a request. All that S3 has are here, so that
 * `PUT /bucket/key?acl` is refused and not taken for an upload of `key`. Of several, the first
 * here counts: the tags of a version are refused too, as are versions.
 */
const SUBRESOURCES = `uploadId uploads delete location versionId tagging partNumber
  accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold
  lifecycle logging metadataConfiguration metadataTable metrics notification object-lock
  ownershipControls policy policyStatus publicAccessBlock renameObject replication requestPayment
  restore retention select select-type session torrent versioning versions website`.split(/\s+/);

/** @throws AwsError `NotImplemented` when there is no such operation here */
export function findRoute(request: S3Request): Route {
  const scope = request.key !== '' ? 'object' : request.bucket !== '' ? 'bucket' : 'service';
  const subresource = SUBRESOURCES.find((name) => request.query.has(name));
  const isCopy = request.method === 'PUT' && request.header('x-amz-copy-source') !== undefined;
  const name = [
    `${request.method} ${scope}`,
    subresource === undefined ? '' : `?${subresource}`,
    isCopy ? ' from copy' : '',
  ].join('');
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  if (!route) throw s3Error('NotImplemented', `The embedded S3 server does not implement ${name}.`);
  return route;
}

/** What the route's action is about. */
export function resourceOf(request: S3Request): string {
  if (request.bucket === '') return '*';
  return request.key === '' ? bucketArn(request.bucket) : objectArn(request.bucket, request.key);
}

/** Whether the bucket of the path has to exist. */
export function needsBucket(request: S3Request, route: Route): boolean {
  return request.bucket !== '' && route.run !== createBucket;
}
