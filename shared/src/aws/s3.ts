import { S3Client } from '@aws-sdk/client-s3';
import { tracer } from '../observability/telemetry.ts';
import { clientConfig } from './client-config.ts';

export const s3 = tracer.captureAWSv3Client(new S3Client(clientConfig));
