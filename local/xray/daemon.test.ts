import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLambda } from '../lambda/index.ts';
import { tracesOfClip } from './clip-traces.ts';
import { createXrayDaemon, type XrayDaemon } from './index.ts';
import type { Trace, TraceNode } from './trace.ts';
import { renderWaterfall } from './waterfall.ts';

let stateDir: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'splicebus-xray-'));
  cleanups.push(() => rm(stateDir, { recursive: true, force: true }));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startDaemon(): Promise<XrayDaemon> {
  const daemon = await createXrayDaemon({ stateDir });
  cleanups.push(() => daemon.close());
  return daemon;
}

async function sendDatagram(port: number, text: string): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.send(text, port, '127.0.0.1', resolve));
  socket.close();
}

/** UDP has no answer to wait for. */
async function findOnce(daemon: XrayDaemon, found: (traces: Trace[]) => boolean): Promise<Trace[]> {
  for (;;) {
    const traces = await daemon.find({});
    if (found(traces)) return traces;
    await delay(5);
  }
}

const outline = (nodes: readonly TraceNode[]): unknown[] =>
  nodes.map((node) => [node.document.name, outline(node.children)]);

function* names(nodes: readonly TraceNode[]): Generator<string> {
  for (const node of nodes) {
    yield node.document.name;
    yield* names(node.children);
  }
}

/** Runs a fixture with tracing on; its AWS calls go to `endpointUrl`. */
async function invokeTraced(daemon: XrayDaemon, handler: string, endpointUrl: string) {
  const lambda = createLambda({
    stateDir: path.join(stateDir, 'lambda'),
    endpointUrl,
    accountId: '000000000000',
    region: 'eu-central-1',
    xrayAddress: `127.0.0.1:${daemon.port}`,
    sendToDestination: async () => undefined,
    emitSegment: daemon.record,
  });
  cleanups.push(() => lambda.close());
  lambda.register({
    functionName: 'extractor',
    functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:extractor',
    handler,
    codeDir: path.join(import.meta.dirname, 'fixtures'),
    memoryMb: 512,
    timeoutSeconds: 30,
    environment: {},
    accessKeyId: 'AKIATEST',
    tracing: true,
  });
  return lambda.invoke('extractor', {});
}

it('links what Powertools sends with what Lambda sends, and hands the trace on', async () => {
  const traceHeaders: string[] = [];
  const aws = createServer((request, response) => {
    traceHeaders.push(String(request.headers['x-amzn-trace-id']));
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end('{"FailedEntryCount":0,"Entries":[]}');
  });
  aws.listen(0, '127.0.0.1');
  await once(aws, 'listening');
  cleanups.push(async () => {
    aws.close();
    aws.closeAllConnections();
  });
  const daemon = await startDaemon();
  const endpointUrl = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;

  const result = await invokeTraced(daemon, 'traces-two-clips.handler', endpointUrl);

  expect(result.payload).toBeNull();
  const traces = await findOnce(daemon, ([trace]) =>
    [...names(trace?.roots ?? [])].includes('## traces-two-clips.handler'),
  );
  expect(traces).toHaveLength(1);
  const [trace] = tracesOfClip(traces, 'clip-a');
  expect(outline(trace?.roots ?? [])).toEqual([
    [
      'extractor',
      [
        [
          'extractor',
          [
            ['Initialization', []],
            ['## traces-two-clips.handler', [['extract clip-a', [['EventBridge', []]]]]],
          ],
        ],
      ],
    ],
  ]);
  const eventBridge = trace?.roots[0]?.children[0]?.children[1]?.children[0]?.children[0];
  expect(traceHeaders).toEqual([
    `Root=${trace?.traceId};Parent=${eventBridge?.document.id};Sampled=1`,
  ]);

  const lines = trace ? renderWaterfall(trace, 100) : [];
  expect(lines.slice(3).map((line) => line.slice(0, line.indexOf('│')).trim())).toEqual([
    'extractor (AWS::Lambda)',
    'extractor (AWS::Lambda::Function)',
    'Initialization',
    '## traces-two-clips.handler',
    'extract clip-a',
    'EventBridge (PutEvents)',
  ]);
  const [failed] = tracesOfClip(traces, 'clip-b');
  expect(failed ? renderWaterfall(failed, 100).join('\n') : '').toMatch(/✗ +extract clip-b /);
});

it('takes what the X-Ray SDK sends from a CommonJS handler, and keeps it over a restart', async () => {
  const first = await startDaemon();
  await invokeTraced(first, 'traces-with-the-sdk.handler', 'http://127.0.0.1:1');
  await findOnce(first, ([trace]) => [...names(trace?.roots ?? [])].includes('work'));
  await first.close();
  cleanups.splice(1, 1);
  await appendFile(path.join(stateDir, 'segments.jsonl'), '{"trace_id":"1-cut-off');

  const second = await startDaemon();
  second.record({ trace_id: '1-later', id: 'f00', name: 'later', start_time: 1 });
  const found = await second.find({ annotations: { clipId: 'clip-c' } });
  expect(found.map((trace) => outline(trace.roots))).toEqual([
    [
      [
        'extractor',
        [
          [
            'extractor',
            [
              ['Initialization', []],
              ['work', []],
            ],
          ],
        ],
      ],
    ],
  ]);
  expect(await second.find({ traceId: '1-later' })).toHaveLength(1);
  expect(await second.find({ annotations: { clipId: 'clip-d' } })).toEqual([]);
});

it('ignores datagrams that are no segments', async () => {
  const complaints = vi.spyOn(console, 'error').mockReturnValue();
  cleanups.push(async () => complaints.mockRestore());
  const daemon = await startDaemon();
  const header = '{"format":"json","version":1}\n';
  for (const text of ['', 'noise', `${header}{`, `${header}{"id":"1"}`]) {
    await sendDatagram(daemon.port, text);
  }
  await sendDatagram(
    daemon.port,
    `${header}{"trace_id":"1-a","id":"1","name":"good","start_time":1}`,
  );
  const traces = await findOnce(daemon, (found) => found.length > 0);
  expect(traces.map((trace) => outline(trace.roots))).toEqual([[['good', []]]]);
  expect(complaints).toHaveBeenCalledTimes(4);
  expect(() => daemon.record({ name: 'no id' })).toThrow(/needs trace_id/);
});

it('answers an SDK that asks for sampling rules', async () => {
  const daemon = await startDaemon();
  const ask = async (operation: string) => {
    const response = await fetch(`http://127.0.0.1:${daemon.port}/${operation}`, {
      method: 'POST',
      body: '{}',
    });
    return [response.status, await response.json()];
  };
  expect(await ask('GetSamplingRules')).toEqual([200, { SamplingRuleRecords: [] }]);
  expect(await ask('SamplingTargets')).toEqual([
    200,
    { SamplingTargetDocuments: [], LastRuleModification: 0, UnprocessedStatistics: [] },
  ]);
  expect(await ask('DeleteEverything')).toEqual([404, { message: expect.any(String) }]);
});

it('says so when its port is taken', async () => {
  const { port } = await startDaemon();
  await expect(createXrayDaemon({ stateDir, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
