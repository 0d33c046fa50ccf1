import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture, linesOf, temporaryDirectory, testLambda, until } from './test-lambda.ts';

const FAILURE_ARN = 'arn:aws:sqs:eu-central-1:000000000000:failures';
const SUCCESS_ARN = 'arn:aws:sqs:eu-central-1:000000000000:successes';

function recordingDestination() {
  const sent: { arn: string; record: object }[] = [];
  return {
    sent,
    sendToDestination: async (arn: string, record: object) => void sent.push({ arn, record }),
  };
}

describe('a queued event', () => {
  it('is retried under one request id, then reported to the failure destination', async () => {
    const stateDir = await temporaryDirectory();
    const attemptsFile = path.join(stateDir, 'attempts');
    const { sent, sendToDestination } = recordingDestination();
    const lambda = await testLambda({ stateDir, sendToDestination });
    const config = fixture('fails.handler', { onFailureArn: FAILURE_ARN });
    lambda.register(config);

    const { requestId } = await lambda.invokeAsync('fails', { attemptsFile });
    await lambda.idle();

    expect(linesOf(attemptsFile)).toEqual([requestId, requestId, requestId]);
    expect(sent).toEqual([
      {
        arn: FAILURE_ARN,
        record: {
          version: '1.0',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          requestContext: {
            requestId,
            functionArn: `${config.functionArn}:$LATEST`,
            condition: 'RetriesExhausted',
            approximateInvokeCount: 3,
          },
          requestPayload: { attemptsFile },
          responseContext: {
            statusCode: 200,
            executedVersion: '$LATEST',
            functionError: 'Unhandled',
          },
          responsePayload: {
            errorType: 'NoSuchChunk',
            errorMessage: 'attempt 3',
            trace: expect.arrayContaining(['NoSuchChunk: attempt 3']),
          },
        },
      },
    ]);
    expect(readdirSync(path.join(stateDir, 'queue'))).toEqual([]);
  });

  it('that succeeds on a retry is reported as a success', async () => {
    const attemptsFile = path.join(await temporaryDirectory(), 'attempts');
    const { sent, sendToDestination } = recordingDestination();
    const lambda = await testLambda({ sendToDestination });
    lambda.register(
      fixture('fails.handler', { onFailureArn: FAILURE_ARN, onSuccessArn: SUCCESS_ARN }),
    );
    await lambda.invokeAsync('fails', { attemptsFile, succeedOn: 2 });
    await lambda.idle();
    expect(sent).toMatchObject([
      {
        arn: SUCCESS_ARN,
        record: {
          requestContext: { condition: 'Success', approximateInvokeCount: 2 },
          responseContext: { statusCode: 200, executedVersion: '$LATEST' },
          responsePayload: { attempts: 2 },
        },
      },
    ]);
  });

  it('is tried once when the function allows no retry', async () => {
    const attemptsFile = path.join(await temporaryDirectory(), 'attempts');
    const notes: string[] = [];
    const lambda = await testLambda({ onLog: ({ line }) => notes.push(line) });
    lambda.register(fixture('fails.handler', { maximumRetryAttempts: 0 }));
    await lambda.invokeAsync('fails', { attemptsFile });
    await lambda.idle();
    expect(linesOf(attemptsFile)).toHaveLength(1);
    expect(notes.at(-1)).toBe(
      'Event dropped (RetriesExhausted, 1 attempts): no OnFailure destination',
    );
  });

  it('is given up when it is too old, whether it ever ran or not', async () => {
    const { sent, sendToDestination } = recordingDestination();
    const lambda = await testLambda({ sendToDestination });
    const limits = { maximumEventAgeSeconds: 0.3, onFailureArn: FAILURE_ARN };
    lambda.register(fixture('fails.handler', { reservedConcurrency: 0, ...limits }));
    await lambda.invokeAsync('fails', { never: 'run' });
    await lambda.idle();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.record).toEqual({
      version: '1.0',
      timestamp: expect.any(String),
      requestContext: expect.objectContaining({
        condition: 'EventAgeExceeded',
        approximateInvokeCount: 0,
      }),
      requestPayload: { never: 'run' },
    });
  });

  it('tells the destination until it accepts', async () => {
    let calls = 0;
    const lambda = await testLambda({
      sendToDestination: async () => {
        if (++calls < 3) throw new Error('the bus is away');
      },
    });
    lambda.register(fixture('fails-to-load.handler', { onFailureArn: FAILURE_ARN }));
    await lambda.invokeAsync('fails-to-load', {});
    await lambda.idle();
    expect(calls).toBe(3);
  });
});

describe('concurrency', () => {
  it('never exceeds what is reserved; what is throttled waits its turn', async () => {
    const directory = await temporaryDirectory();
    const gate = path.join(directory, 'gate');
    const together = path.join(directory, 'together');
    const lambda = await testLambda();
    lambda.register(fixture('waits-for-a-gate.handler', { reservedConcurrency: 2 }));

    for (let i = 0; i < 6; i++) await lambda.invokeAsync('waits-for-a-gate', { directory, gate });
    await until(() => linesOf(together).length === 2);
    await expect(lambda.invoke('waits-for-a-gate', {})).rejects.toMatchObject({ statusCode: 429 });
    await writeFile(gate, '');
    await lambda.idle();

    const seen = linesOf(together).map(Number);
    expect(seen).toHaveLength(6);
    expect(Math.max(...seen)).toBe(2);
  });

  it('of functions without a reservation is shared, and leaves the reserved ones alone', async () => {
    const directory = await temporaryDirectory();
    const gate = path.join(directory, 'gate');
    const together = path.join(directory, 'together');
    const reserved = await temporaryDirectory();
    const lambda = await testLambda({ unreservedConcurrency: 1 });
    lambda.register(fixture('waits-for-a-gate.handler', { functionName: 'a' }));
    lambda.register(fixture('waits-for-a-gate.handler', { functionName: 'b' }));
    lambda.register(
      fixture('waits-for-a-gate.handler', { functionName: 'reserved', reservedConcurrency: 1 }),
    );

    for (const name of ['a', 'b', 'a']) await lambda.invokeAsync(name, { directory, gate });
    await lambda.invokeAsync('reserved', { directory: reserved, gate });
    await until(() => linesOf(path.join(reserved, 'together')).length === 1);
    await writeFile(gate, '');
    await lambda.idle();

    expect(linesOf(together)).toEqual(['1', '1', '1']);
  });
});

describe('after a restart', () => {
  it('continues with the attempts that were left, under the same request id', async () => {
    const stateDir = await temporaryDirectory();
    const attemptsFile = path.join(stateDir, 'attempts');
    const { sent, sendToDestination } = recordingDestination();
    const config = fixture('fails.handler', { onFailureArn: FAILURE_ARN });

    const before = await testLambda({ stateDir, sendToDestination, retryDelaysMs: [0, 3_600_000] });
    before.register(config);
    const { requestId } = await before.invokeAsync('fails', { attemptsFile });
    const file = path.join(stateDir, 'queue', `${requestId}.json`);
    const stored = () => JSON.parse(readFileSync(file, 'utf8'));
    await until(() => stored().failedAttempts === 2);
    await before.close();
    // The hour until the third attempt is not what this test is about.
    await writeFile(file, JSON.stringify({ ...stored(), notBeforeMs: 0 }));

    const after = await testLambda({ stateDir, sendToDestination });
    await after.idle();
    expect(linesOf(attemptsFile)).toHaveLength(2);
    after.register(config);
    await after.idle();

    expect(linesOf(attemptsFile)).toEqual([requestId, requestId, requestId]);
    expect(sent).toHaveLength(1);
    expect(existsSync(file)).toBe(false);
  });

  it('runs again what the end of the runner has interrupted, without counting it', async () => {
    const stateDir = await temporaryDirectory();
    const gate = path.join(stateDir, 'gate');
    const together = path.join(stateDir, 'together');
    const config = fixture('waits-for-a-gate.handler', { maximumRetryAttempts: 0 });
    const before = await testLambda({ stateDir });
    before.register(config);
    await before.invokeAsync('waits-for-a-gate', { directory: stateDir, gate });
    await until(() => linesOf(together).length === 1);
    await before.close();

    await writeFile(gate, '');
    const after = await testLambda({ stateDir });
    after.register(config);
    await after.idle();
    expect(linesOf(together)).toHaveLength(2);
    expect(readdirSync(path.join(stateDir, 'queue'))).toEqual([]);
  });

  it('delivers the record that the destination had not accepted', async () => {
    const stateDir = await temporaryDirectory();
    let refusals = 0;
    const before = await testLambda({
      stateDir,
      sendToDestination: async () => {
        refusals++;
        throw new Error('the bus is away');
      },
    });
    const config = fixture('fails-to-load.handler', { onFailureArn: FAILURE_ARN });
    before.register(config);
    await before.invokeAsync('fails-to-load', {});
    await until(() => refusals > 0);
    await before.close();

    const { sent, sendToDestination } = recordingDestination();
    const after = await testLambda({ stateDir, sendToDestination });
    after.register(config);
    await after.idle();
    expect(sent).toMatchObject([
      { arn: FAILURE_ARN, record: { requestContext: { condition: 'RetriesExhausted' } } },
    ]);
  });
});
