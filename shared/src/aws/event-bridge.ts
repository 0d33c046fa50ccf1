import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { tracer } from '../observability/telemetry.ts';
import { clientConfig } from './client-config.ts';

export const eventBridge = tracer.captureAWSv3Client(new EventBridgeClient(clientConfig));
