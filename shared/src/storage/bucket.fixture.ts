import { PutObjectCommand } from '@aws-sdk/client-s3';
import { onTestFinished, vi } from 'vitest';
import { BUCKET, startS3, type TestS3 } from '#local/s3/testing';

/** A bucket that the code under test finds in its environment. */
export interface TestBucket extends TestS3 {
  put(key: string, body: string | Uint8Array): Promise<void>;
}

/** Starts a bucket for one test. Import the code under test after it: clients read the environment once. */
export async function startBucket(): Promise<TestBucket> {
  const s3 = await startS3();
  vi.stubEnv('AWS_ENDPOINT_URL', s3.endpoint);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('BUCKET_NAME', BUCKET);
  vi.resetModules();
  onTestFinished(() => void vi.unstubAllEnvs());
  const put = async (key: string, body: string | Uint8Array) => {
    await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
  };
  return { ...s3, put };
}
