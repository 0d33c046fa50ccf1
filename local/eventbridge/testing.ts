import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { AwsError } from '#local/gateway/service';
import {
  createEventBridge,
  type Delivery,
  type DeliveryOutcome,
  type EventBridge,
  type EventBridgeOptions,
} from './index.ts';

export const ACCOUNT_ID = '000000000000';
export const REGION = 'us-east-1';
export const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:queue`;
export const DLQ = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:dlq`;
export const busArn = (name: string) => `arn:aws:events:${REGION}:${ACCOUNT_ID}:event-bus/${name}`;
export const ruleArn = (bus: string, name: string) =>
  `arn:aws:events:${REGION}:${ACCOUNT_ID}:rule/${bus}/${name}`;
export const archiveArn = (name: string) =>
  `arn:aws:events:${REGION}:${ACCOUNT_ID}:archive/${name}`;

/** An EventBridge behind a bare HTTP server, with what it delivered. */
export interface TestBridge {
  readonly bridge: EventBridge;
  readonly client: EventBridgeClient;
  readonly endpoint: string;
  readonly delivered: Delivery[];
  readonly outcomes: DeliveryOutcome[];
  /** What has been delivered to one target: `detail.n` of each event. */
  numbersAt(targetArn: string): unknown[];
  close(): Promise<void>;
}

/** Starts one on a free port. Actions listed as denied fail with AccessDenied. */
export async function startTestBridge(
  options: Partial<EventBridgeOptions> & { stateDir: string },
  denied: readonly string[] = [],
): Promise<TestBridge> {
  const delivered: Delivery[] = [];
  const outcomes: DeliveryOutcome[] = [];
  const bridge = createEventBridge({
    accountId: ACCOUNT_ID,
    region: REGION,
    retryScale: 0.001,
    onDelivery: (outcome) => outcomes.push(outcome),
    ...options,
    async deliver(delivery) {
      await options.deliver?.(delivery);
      delivered.push(delivery);
    },
  });
  const server = createServer((request, response) => {
    const trace = request.headers['x-amzn-trace-id'];
    void bridge.handle(request, response, {
      accessKeyId: 'local',
      traceHeader: typeof trace === 'string' ? trace : undefined,
      authorize(action, resourceArn) {
        if (!denied.includes(`${action} ${resourceArn}`)) return;
        throw new AwsError(
          'AccessDeniedException',
          `Not allowed: ${action} on ${resourceArn}`,
          403,
        );
      },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new EventBridgeClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  return {
    bridge,
    client,
    endpoint,
    delivered,
    outcomes,
    numbersAt: (targetArn) =>
      delivered
        .filter((delivery) => delivery.targetArn === targetArn)
        .map(({ payload }) => (payload as { detail: { n: unknown } }).detail.n),
    async close() {
      client.destroy();
      await bridge.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** PutEvents entries that bear a number each. */
export function entries(bus: string, numbers: readonly number[], more: object = {}) {
  return numbers.map((n) => ({
    EventBusName: bus,
    Source: 'nullcheck.clips',
    DetailType: 'Begin Clip Generation',
    Detail: JSON.stringify({ n }),
    ...more,
  }));
}

/** A promise to wait at until it is opened. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
