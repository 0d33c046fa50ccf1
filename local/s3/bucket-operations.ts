import { s3Error } from './errors.ts';
import type { Operation } from './operation.ts';
import { xmlDocument } from './xml.ts';

/** `ListBuckets`: all of them on one page. */
export const listBuckets: Operation = async (_request, s3) => {
  const buckets = await s3.buckets.list();
  return {
    body: xmlDocument('ListAllMyBucketsResult', {
      Owner: { ID: 'embedded' },
      Buckets: {
        Bucket: buckets.map((bucket) => ({
          Name: bucket.name,
          CreationDate: new Date(bucket.createdAtMs).toISOString(),
        })),
      },
    }),
  };
};

/** `CreateBucket`: without events. Buckets with them come from the templates (`createBucket`). */
export const createBucket: Operation = async ({ bucket, body }, s3) => {
  if (await s3.buckets.find(bucket)) throw s3Error('BucketAlreadyOwnedByYou');
  body.resume(); // it could only name the region, and there is but one
  await s3.buckets.put(bucket, { eventBridge: false });
  return { headers: { location: `/${bucket}` } };
};

/** `DeleteBucket`: of one that is empty. */
export const deleteBucket: Operation = async ({ bucket }, s3) => {
  for await (const _key of s3.objects.keys(bucket, '')) throw s3Error('BucketNotEmpty');
  if ((await s3.uploads.list(bucket)).length > 0) throw s3Error('BucketNotEmpty');
  await s3.buckets.remove(bucket);
  return { status: 204 };
};

/** `HeadBucket`: that it exists has been checked on the way here. */
export const headBucket: Operation = async (_request, s3) => ({
  headers: { 'x-amz-bucket-region': s3.region },
});

/** `GetBucketLocation`, where the first region of all has no name. */
export const getBucketLocation: Operation = async (_request, s3) => ({
  body: xmlDocument('LocationConstraint', s3.region === 'us-east-1' ? '' : s3.region),
});
