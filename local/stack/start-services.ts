import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createDynamoDb } from '../dynamodb/dynamodb.ts';
import { createEventBridge } from '../eventbridge/index.ts';
import { type Gateway, startGateway } from '../gateway/server.ts';
import type { AwsService } from '../gateway/service.ts';
import { startHttpApi } from '../http-api/index.ts';
import { createIam } from '../iam/iam.ts';
import { createSts } from '../iam/sts.ts';
import { createDevIssuer, type DevIssuer } from '../issuer/index.ts';
import { createLambda } from '../lambda/index.ts';
import { createS3, objectCreatedEvent } from '../s3/index.ts';
import { createSns, type QueueSubscription } from '../sns/sns.ts';
import { createSqs } from '../sqs/sqs.ts';
import { createXrayDaemon, type XrayDaemon } from '../xray/index.ts';
import type { Cleanup } from './cleanup.ts';
import { createDeliver } from './deliver.ts';
import { createDestinations } from './destinations.ts';
import type { StackOptions } from './options.ts';
import { ACCOUNT_ID, REGION, type Services } from './services.ts';

/** The functions run on this machine's Node.js; the SDK's advice on its version is for Lambda's. */
const QUIET_SDK = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

const API_GATEWAY = 'apigateway.amazonaws.com';

/** The services, empty and wired to each other. */
export interface StartedServices {
  readonly gateway: Gateway;
  readonly services: Services;
  readonly xray: XrayDaemon;
  readonly issuer: DevIssuer;
  /** A number that grows with everything that begins: each request, each event on a bus. */
  activity(): number;
}

/**
 * Starts every service behind one port, and the HTTP API on its own: S3 announces objects on the
 * default bus, rules reach functions, queues, topics and buses, routes reach functions, functions
 * report failures to their destinations.
 */
export async function startServices(
  options: StackOptions,
  stateDir: string,
  cleanup: Cleanup,
): Promise<StartedServices> {
  const home = { accountId: ACCOUNT_ID, region: REGION };
  let activity = 0;
  const onRequest = () => {
    activity++;
  };
  const iam = createIam(ACCOUNT_ID);
  // Filled at the end: functions and queue URLs need the address before there is anything behind it.
  const served: Record<string, AwsService> = {};
  const gateway = await startGateway({
    port: options.port ?? 0,
    services: served,
    judge: iam.judge,
    onRequest,
  });
  cleanup.add(gateway.close);

  const xray = await createXrayDaemon({ stateDir: join(stateDir, 'xray') });
  cleanup.add(xray.close);
  const dynamodb = await createDynamoDb({ stateDir, ...home });
  cleanup.add(dynamodb.close);
  const sqs = createSqs({ stateDir, accountId: ACCOUNT_ID });
  const sns = createSns({
    stateDir,
    onNotification: (notification) => options.onNotification?.(notification),
    sendToQueue: (subscription, body) => notifyQueue(services, subscription, body),
  });
  const eventbridge = createEventBridge({
    stateDir: join(stateDir, 'eventbridge'),
    ...home,
    deliver: createDeliver(() => services),
    retryScale: options.eventRetryScale,
    onEvent(busName, event) {
      activity++;
      options.onEvent?.(busName, event);
    },
    onDelivery: options.onDelivery,
  });
  cleanup.add(eventbridge.close);
  const s3 = createS3({
    rootDir: join(stateDir, 's3'),
    region: REGION,
    async onObjectCreated(created) {
      const origin = { id: randomUUID(), ...home };
      await eventbridge.publish('default', objectCreatedEvent(created, origin));
    },
  });
  cleanup.add(s3.close);
  const lambda = createLambda({
    stateDir: join(stateDir, 'lambda'),
    endpointUrl: gateway.endpointUrl,
    ...home,
    retryDelaysMs: options.retryDelaysMs,
    xrayAddress: `127.0.0.1:${xray.port}`,
    hostEnvironment: {
      ...QUIET_SDK,
      FAILED_UPLOADS_DIR: join(stateDir, 'failed-uploads'),
      ...options.hostEnvironment,
    },
    onLog: options.onLog,
    sendToDestination: createDestinations(() => services),
    emitSegment: xray.record,
  });
  cleanup.add(async () => {
    await lambda.close();
    // Before the other services: whoever calls now shall find no port rather than half a stack.
    await gateway.close();
  });

  const httpApi = await startHttpApi({
    port: options.apiPort ?? 0,
    ...home,
    accessLogPath: join(stateDir, 'http-api', 'access.log'),
    invoke: lambda.invoke,
    mayInvoke: (functionArn, sourceArn) =>
      iam.serviceMay(API_GATEWAY, 'lambda:InvokeFunction', functionArn, sourceArn),
    onRequest,
  });
  cleanup.add(httpApi.close);

  const services: Services = { iam, s3, dynamodb, sqs, sns, eventbridge, lambda, httpApi };
  const sts = createSts(iam, ACCOUNT_ID);
  const issuer = await createDevIssuer(join(stateDir, 'issuer'), `${gateway.endpointUrl}/_issuer`);
  Object.assign(served, { s3, dynamodb, sqs, sns, sts, lambda, issuer, events: eventbridge });
  return { gateway, services, xray, issuer, activity: () => activity };
}

/** SNS needs the queue's permission like everyone; in AWS, too, the publisher gets no sign. */
function notifyQueue(
  { iam, sqs }: Services,
  { topicArn, queueArn }: QueueSubscription,
  body: string,
): void {
  const allowed = iam.serviceMay('sns.amazonaws.com', 'sqs:SendMessage', queueArn, topicArn);
  if (allowed) sqs.queueByArn(queueArn)?.send({ body });
  else console.error(`${queueArn} does not allow sqs:SendMessage to ${topicArn}: not delivered.`);
}
