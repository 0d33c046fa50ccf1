import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsCall, AwsService } from '../gateway/service.ts';
import { type BucketSettings, BucketStore } from './bucket-store.ts';
import { corsHeaders } from './cors.ts';
import { s3Error } from './errors.ts';
import { Layout } from './layout.ts';
import { MultipartStore } from './multipart-store.ts';
import type { ObjectCreated } from './object-created.ts';
import { ObjectStore } from './object-store.ts';
import type { S3Context, S3Response } from './operation.ts';
import { refuseExpired } from './presigned.ts';
import { newRequestId, readRequest } from './request.ts';
import { type Asked, send, sendError } from './respond.ts';
import { findRoute, needsBucket, resourceOf } from './routes.ts';

export type { BucketSettings } from './bucket-store.ts';
export type { CorsRule } from './cors.ts';
export { type EventOrigin, type ObjectCreated, objectCreatedEvent } from './object-created.ts';

export interface S3Options {
  /** The folder of all buckets; created if need be, and taken up again after a restart. */
  readonly rootDir: string;
  readonly region: string;
  /**
   * Told of every new object in a bucket with `eventBridge`, once the object is in place and
   * before the upload is answered. When it fails, so does the request (`InternalError`), though
   * the object stays; the client's retry stores and announces it again, unless `If-None-Match`
   * lets it only create.
   */
  readonly onObjectCreated?: (event: ObjectCreated) => void | Promise<void>;
  /**
   * How long a client waits before it hears something of a long operation, in milliseconds. Default: 5,000;
   * the product's clients give up after 20 s of silence.
   */
  readonly patienceMs?: number;
}

/** The S3 part of the embedded stack: path-style requests, objects as plain files. */
export interface S3Service extends AwsService {
  /**
   * Creates a bucket, or changes the settings of the one that exists; its objects stay.
   * @throws AwsError `InvalidBucketName`
   */
  createBucket(name: string, settings: BucketSettings): Promise<void>;
  /** Refuses new requests and resolves when those under way are done. */
  close(): Promise<void>;
}

/** One server per `rootDir` at a time: writers to a key take turns within a process only. */
export function createS3(options: S3Options): S3Service {
  const s3 = createContext(options);
  const underWay = new Set<Promise<void>>();
  let closed = false;
  return {
    async handle(request, response, call) {
      const done = handle(request, response, call, closed ? undefined : s3);
      underWay.add(done);
      await done.finally(() => underWay.delete(done));
    },
    createBucket: (name, settings) => s3.buckets.put(name, settings),
    async close() {
      closed = true;
      await Promise.all(underWay);
    },
  };
}

function createContext(options: S3Options): S3Context {
  const { rootDir, region, onObjectCreated, patienceMs = 5_000 } = options;
  const layout = new Layout(rootDir);
  const buckets = new BucketStore(layout);
  return {
    region,
    layout,
    buckets,
    objects: new ObjectStore(layout),
    uploads: new MultipartStore(layout),
    patienceMs,
    async announce(request, object, reason) {
      if (!onObjectCreated || !(await buckets.find(request.bucket))?.eventBridge) return;
      await onObjectCreated({
        bucket: request.bucket,
        key: request.key,
        size: object.sizeBytes,
        etag: object.etag,
        sequencer: object.sequencer,
        reason,
        requestId: request.id,
        sourceIpAddress: request.sourceIpAddress,
        createdAtMs: object.lastModifiedMs,
      });
    },
  };
}

/** @param s3 undefined when the server is closed */
async function handle(
  message: IncomingMessage,
  response: ServerResponse,
  call: AwsCall,
  s3: S3Context | undefined,
): Promise<void> {
  const asked: Asked = {
    requestId: newRequestId(),
    method: message.method,
    resource: (message.url ?? '/').split('?')[0]!,
  };
  try {
    if (!s3) throw s3Error('ServiceUnavailable');
    asked.cors = corsHeaders(await corsRulesOf(message, s3), message);
    const given =
      message.method === 'OPTIONS'
        ? answerPreflight(asked.cors)
        : await answer(message, call, asked.requestId, s3);
    await send(response, given, asked, s3.patienceMs);
  } catch (error) {
    sendError(response, error, asked);
  } finally {
    // Only when the body has been read to its end can the connection serve another request.
    message.resume();
  }
}

async function corsRulesOf({ url = '/', headers }: IncomingMessage, s3: S3Context) {
  if (headers.origin === undefined) return [];
  const [, bucket = ''] = url.split(/[/?]/);
  return (await s3.buckets.find(bucket))?.cors ?? [];
}

/** Asked by browsers only, and without credentials. */
function answerPreflight(cors: Asked['cors']): S3Response {
  if (cors) return {};
  throw s3Error('AccessDenied', 'CORSResponse: This CORS request is not allowed.');
}

async function answer(
  message: IncomingMessage,
  call: AwsCall,
  requestId: string,
  s3: S3Context,
): Promise<S3Response> {
  const request = readRequest(message, call, requestId);
  refuseExpired(request.query, Date.now());
  const route = findRoute(request);
  if (route.action !== undefined) call.authorize(route.action, resourceOf(request));
  if (needsBucket(request, route) && !(await s3.buckets.find(request.bucket))) {
    throw s3Error('NoSuchBucket');
  }
  return route.run(request, s3);
}
