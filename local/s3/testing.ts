import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import type { AwsCall } from '../gateway/service.ts';
import { createS3, type ObjectCreated, type S3Service } from './index.ts';

/** A server under test, and what it said. Everything ends with the test. */
export interface TestS3 {
  readonly endpoint: string;
  readonly rootDir: string;
  readonly service: S3Service;
  readonly client: S3Client;
  readonly events: ObjectCreated[];
  /** `action resource` per authorisation, in order. */
  readonly authorized: string[];
  newClient(config?: S3ClientConfig): S3Client;
}

export interface TestOptions {
  /** Default: a new temporary folder. */
  readonly rootDir?: string;
  readonly region?: string;
  readonly onObjectCreated?: (event: ObjectCreated) => void | Promise<void>;
  readonly authorize?: AwsCall['authorize'];
  readonly patienceMs?: number;
}

export const BUCKET = 'media';

/** Starts the S3 server behind a bare HTTP server, with the bucket `media`, which has events. */
export async function startS3(options: TestOptions = {}): Promise<TestS3> {
  const rootDir = options.rootDir ?? (await temporaryFolder());
  const events: ObjectCreated[] = [];
  const authorized: string[] = [];
  const service = createS3({
    rootDir,
    region: options.region ?? 'eu-central-1',
    patienceMs: options.patienceMs,
    onObjectCreated: async (event) => {
      events.push(event);
      await options.onObjectCreated?.(event);
    },
  });
  await service.createBucket(BUCKET, { eventBridge: true });
  const call: AwsCall = {
    accessKeyId: 'test',
    traceHeader: undefined,
    authorize(action, resource) {
      authorized.push(`${action} ${resource}`);
      options.authorize?.(action, resource);
    },
  };
  const server = createServer((request, response) => void service.handle(request, response, call));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const newClient = (config: S3ClientConfig = {}) => {
    const client = new S3Client({
      endpoint,
      region: options.region ?? 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      ...config,
    });
    onTestFinished(() => client.destroy());
    return client;
  };
  onTestFinished(async () => {
    await service.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { endpoint, rootDir, service, client: newClient(), events, authorized, newClient };
}

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'splicebus-s3-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
