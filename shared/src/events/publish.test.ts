import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { OutgoingEvent } from './publish.ts';

interface Entry {
  Detail: string;
  DetailType: string;
}

/** Stands in for EventBridge where it misbehaves: answers each call as the test says. */
let server: Server;
let calls: Entry[][] = [];
let refuse: (entry: Entry, call: number) => boolean = () => false;
let publish: (events: readonly OutgoingEvent[]) => Promise<void>;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { Entries } = (await json(request)) as { Entries: Entry[] };
    calls.push(Entries);
    const results = Entries.map((entry) =>
      refuse(entry, calls.length)
        ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }
        : { EventId: '1' },
    );
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ FailedEntryCount, Entries: results }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('BUS_NAME', 'bus');
  vi.stubEnv('RETRY_FIRST_DELAY_MS', '1');
  // The client reads its environment when it is made.
  ({ publish } = await import('./publish.ts'));
});
afterEach(() => {
  calls = [];
  refuse = () => false;
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

const events = (count: number, padding = '') =>
  Array.from({ length: count }, (_, n) => ({
    source: 's',
    detailType: 't',
    detail: { n, padding },
  }));
const sent = () => calls.map((call) => call.map((entry) => JSON.parse(entry.Detail).n as number));

it('sends ten events a call, in order', async () => {
  await publish(events(23));
  expect(sent().map((call) => call.length)).toEqual([10, 10, 3]);
  expect(sent().flat()).toEqual(events(23).map((event) => event.detail.n));
});

it('sends fewer where they are large', async () => {
  await publish(events(4, 'x'.repeat(100 * 1024)));
  expect(sent()).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

it('sends nothing for no events', async () => {
  await publish([]);
  expect(calls).toEqual([]);
});

it('sends again what was refused, and only that', async () => {
  refuse = (entry, call) => call === 1 && [2, 4].includes(JSON.parse(entry.Detail).n);
  await publish(events(6));
  expect(sent()).toEqual([
    [0, 1, 2, 3, 4, 5],
    [2, 4],
  ]);
});

it('gives up after three retries, with a transient error that says why', async () => {
  refuse = (entry) => JSON.parse(entry.Detail).n === 1;
  await expect(publish(events(3))).rejects.toMatchObject({
    name: 'TransientError',
    code: 'PUBLISH_FAILED',
    message: 'EventBridge refused 1 of 3 events: ThrottlingException slow down',
  });
  expect(sent()).toEqual([[0, 1, 2], [1], [1], [1]]);
});
