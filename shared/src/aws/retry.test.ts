import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

/** As documented; the module itself reads its environment when it is loaded. */
const MAX_RETRIES = 3;

type Mishap = (request: IncomingMessage, response: ServerResponse) => void;

/** Stands in for AWS where it misbehaves: so many calls meet a mishap, the next ones are answered. */
let server: Server;
let mishap: Mishap;
let mishaps = 0;
let calls = 0;
let clients: { s3: Client; dynamodb: Client; eventBridge: Client };

interface Client {
  send(command: object): Promise<unknown>;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    calls++;
    if (calls <= mishaps) return mishap(request, response);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end('{"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('RETRY_FIRST_DELAY_MS', '4');
  vi.spyOn(Math, 'random').mockImplementation(() => 0.5);
  // The clients read their environment when they are made.
  const [{ s3 }, { dynamodb }, { eventBridge }] = await Promise.all([
    import('./s3.ts'),
    import('./dynamodb.ts'),
    import('./event-bridge.ts'),
  ]);
  clients = { s3, dynamodb, eventBridge } as unknown as typeof clients;
});
beforeEach(() => {
  calls = 0;
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

const xml =
  (status: number, code: string): Mishap =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<Error><Code>${code}</Code><Message>later</Message></Error>`);
  };
const json =
  (status: number, type: string): Mishap =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: `com.amazonaws#${type}`, message: 'later' }));
  };
const reset: Mishap = (request) => request.socket.resetAndDestroy();

const read = () => clients.s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
const item = () =>
  clients.dynamodb.send(new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'x' } } }));
const put = () =>
  clients.eventBridge.send(
    new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: '{}' }] }),
  );

describe.each<[string, () => Promise<unknown>, Mishap]>([
  ['S3 answers 503 SlowDown', read, xml(503, 'SlowDown')],
  ['S3 answers 500 InternalError', read, xml(500, 'InternalError')],
  ['S3 resets the connection', read, reset],
  ['DynamoDB throttles', item, json(400, 'ProvisionedThroughputExceededException')],
  ['DynamoDB answers 500', item, json(500, 'InternalServerError')],
  ['DynamoDB resets the connection', item, reset],
  ['EventBridge throttles', put, json(400, 'ThrottlingException')],
  ['EventBridge resets the connection', put, reset],
])('where %s', (_, call, what) => {
  it('the call is made again, three times at most', async () => {
    mishap = what;
    mishaps = MAX_RETRIES;
    await call();
    expect(calls).toBe(1 + MAX_RETRIES);
  });

  it('and then fails', async () => {
    mishap = what;
    mishaps = Number.POSITIVE_INFINITY;
    await expect(call()).rejects.toThrow();
    expect(calls).toBe(1 + MAX_RETRIES);
  });
});

it.each([
  ['AccessDenied', 403],
  ['NoSuchKey', 404],
])('what trying again does not change is not tried again: %s', async (code, status) => {
  mishap = xml(status, code);
  mishaps = Number.POSITIVE_INFINITY;
  await expect(read()).rejects.toThrow();
  expect(calls).toBe(1);
});

describe('the delay before a retry', () => {
  it('is drawn from 2 s at first, and from twice as much each time', async () => {
    vi.stubEnv('RETRY_FIRST_DELAY_MS', undefined);
    vi.resetModules();
    const { retryDelayMs } = await import('./retry.ts');
    const drawn = (random: number) => {
      vi.mocked(Math.random).mockReturnValue(random);
      return [1, 2, 3].map(retryDelayMs);
    };
    expect(drawn(0)).toEqual([0, 0, 0]);
    expect(drawn(0.5)).toEqual([1_000, 2_000, 4_000]);
    expect(drawn(0.999)).toEqual([1_998, 3_996, 7_992]);
  });
});
