import { S3Client } from '@aws-sdk/client-s3';
import { tracer } from '../observability/telemetry.ts';
import { clientConfig } from './client-config.ts';

/** The SDK warns of every stream that it cannot send again itself: `withRetries` does, and errors tell the rest. */
const logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

export const s3 = tracer.captureAWSv3Client(new S3Client({ ...clientConfig, logger }));
