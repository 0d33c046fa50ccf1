import { describe, expect, it } from 'vitest';
import type { LogEntry } from './index.ts';
import { fixture, isRunning, testLambda, until } from './test-lambda.ts';

describe('a synchronous invocation', () => {
  it('gives the handler the event and the context of Lambda', async () => {
    const lambda = await testLambda();
    const config = fixture('answers-with-event-and-context.handler', { memoryMb: 512 });
    lambda.register(config);

    const clientContext = { custom: { caller: 'test' } };
    const result = await lambda.invoke(config.functionArn, { clip: 'ä' }, { clientContext });

    expect(result.functionError).toBeUndefined();
    const payload = result.payload as { context: Record<string, unknown>; remainingMs: number };
    expect(payload).toMatchObject({ event: { clip: 'ä' }, invocations: 1 });
    expect(payload.remainingMs).toBeGreaterThan(20_000);
    expect(payload.remainingMs).toBeLessThanOrEqual(30_000);
    expect(payload.context).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionName: config.functionName,
      functionVersion: '$LATEST',
      memoryLimitInMB: '512',
      logGroupName: `/aws/lambda/${config.functionName}`,
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      invokedFunctionArn: config.functionArn,
      awsRequestId: result.requestId,
      clientContext,
    });
  });

  it('reuses a warm environment and starts cold when the code was replaced', async () => {
    const reports: string[] = [];
    const lambda = await testLambda({
      onLog: ({ line }) => line.startsWith('REPORT') && reports.push(line),
    });
    const config = fixture('answers-with-event-and-context.handler');
    const invocationsBefore = async () =>
      (await lambda.invoke(config.functionName, {})).payload as { invocations: number };

    lambda.register(config);
    expect(await invocationsBefore()).toMatchObject({ invocations: 1 });
    expect(await invocationsBefore()).toMatchObject({ invocations: 2 });
    lambda.register(config);
    expect(await invocationsBefore()).toMatchObject({ invocations: 1 });
    const cold = reports.map((line) => line.includes('Init Duration'));
    expect(cold).toEqual([true, false, true]);
  });

  it('lets a warm environment go after its idle time', async () => {
    const lambda = await testLambda({ idleTimeoutMs: 20 });
    lambda.register(fixture('crashes.handler'));
    const { payload: pid } = await lambda.invoke('crashes', {});
    await until(() => !isRunning(pid as number));
    const { payload: nextPid } = await lambda.invoke('crashes', {});
    expect(nextPid).not.toBe(pid);
  });

  it('runs as many environments as there are simultaneous calls', async () => {
    const lambda = await testLambda();
    lambda.register(fixture('answers-with-event-and-context.handler'));
    const call = () => lambda.invoke('answers-with-event-and-context', {});
    const results = await Promise.all([call(), call(), call()]);
    expect(results.map((result) => result.payload)).toMatchObject([
      { invocations: 1 },
      { invocations: 1 },
      { invocations: 1 },
    ]);
  });

  it('answers a callback when the event loop is empty, and null when nobody can answer', async () => {
    const lambda = await testLambda();
    lambda.register(fixture('calls-back-when-nothing-is-left-to-do.handler'));
    lambda.register(
      fixture('calls-back-when-nothing-is-left-to-do.neverAnswers', { functionName: 'never' }),
    );
    const name = 'calls-back-when-nothing-is-left-to-do';
    expect((await lambda.invoke(name, { ticks: 20 })).payload).toEqual({ ticks: 20 });
    expect((await lambda.invoke(name, { ticks: 3 })).payload).toEqual({ ticks: 3 });
    const never = await lambda.invoke('never', {});
    expect(never).toMatchObject({ payload: null });
    expect(never.functionError).toBeUndefined();
  });

  it('passes large payloads and all output, whatever the pipes hold', async () => {
    const entries: LogEntry[] = [];
    const lambda = await testLambda({ onLog: (entry) => entries.push(entry) });
    lambda.register(fixture('writes-output.handler'));

    const kilobytes = 512;
    const result = await lambda.invoke('writes-output', { kilobytes, pad: 'p'.repeat(300_000) });

    expect(result.payload).toHaveLength(kilobytes * 1024);
    const mine = entries.filter((entry) => entry.requestId === result.requestId);
    const platform = mine.filter((entry) => entry.stream === 'platform').map(({ line }) => line);
    expect(platform).toEqual([
      `START RequestId: ${result.requestId} Version: $LATEST`,
      `END RequestId: ${result.requestId}`,
      expect.stringMatching(
        /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms$/,
      ),
    ]);
    const stdout = mine.filter((entry) => entry.stream === 'stdout').map(({ line }) => line);
    expect(stdout).toHaveLength(kilobytes + 1);
    expect(stdout.at(-1)).toBe('no line break at the end');
    expect(mine.filter((entry) => entry.stream === 'stderr').map(({ line }) => line)).toEqual([
      'to stderr',
    ]);
    expect(result.logTail).toContain('no line break at the end\nEND RequestId');
    expect(Buffer.byteLength(result.logTail)).toBeLessThanOrEqual(4096);
  });

  it('turns calls beyond the reserved concurrency away', async () => {
    const lambda = await testLambda();
    lambda.register(fixture('answers-with-event-and-context.handler', { reservedConcurrency: 1 }));
    const first = lambda.invoke('answers-with-event-and-context', {});
    await expect(lambda.invoke('answers-with-event-and-context', {})).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      statusCode: 429,
    });
    await first;
    await lambda.invoke('answers-with-event-and-context', {});
  });

  it('knows no function that was not registered', async () => {
    const lambda = await testLambda();
    await expect(lambda.invoke('nobody', {})).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    expect(() => lambda.register(fixture('x.handler', { functionName: '../x' }))).toThrow(
      /no function name/,
    );
  });
});

describe('a handler that cannot be loaded', () => {
  it.each([
    ['fails-to-load.handler', 'Error', /the configuration is missing/],
    ['imports-what-is-not-there.handler', 'Runtime.ImportModuleError', /a-package-that-nobody/],
    ['no-such-file.handler', 'Runtime.ImportModuleError', /Cannot find module 'no-such-file'/],
    ['crashes.noSuchExport', 'Runtime.HandlerNotFound', /undefined or not exported/],
    ['../fixtures/crashes.handler', 'Runtime.MalformedHandlerName', /Bad handler/],
  ])('%s is the function error %s', async (handler, errorType, message) => {
    const lambda = await testLambda();
    lambda.register(fixture(handler, { functionName: 'unloadable' }));
    const result = await lambda.invoke('unloadable', {});
    expect(result).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType, errorMessage: expect.stringMatching(message) },
    });
  });
});

describe('a handler that crashes', () => {
  it.each([
    [
      'exit',
      'Runtime.ExitError',
      /^RequestId: \S+ Error: Runtime exited with error: exit status 7$/,
    ],
    ['exitCleanly', 'Runtime.ExitError', /Runtime exited without providing a reason$/],
    ['killItself', 'Runtime.ExitError', /signal: SIGSEGV$/],
    ['throwLater', 'RangeError', /^thrown outside the promise$/],
    ['rejectLater', 'Runtime.UnhandledPromiseRejection', /^TypeError: rejected by nobody$/],
  ])(
    'by %s is the function error %s, and the next call gets a new process',
    async (how, errorType, message) => {
      const lambda = await testLambda();
      lambda.register(fixture('crashes.handler'));
      const { payload: pidBefore } = await lambda.invoke('crashes', {});
      const result = await lambda.invoke('crashes', { how });
      expect(result).toMatchObject({
        functionError: 'Unhandled',
        payload: { errorType, errorMessage: expect.stringMatching(message) },
      });
      const { payload: pidAfter, functionError } = await lambda.invoke('crashes', {});
      expect(functionError).toBeUndefined();
      expect(pidAfter).not.toBe(pidBefore);
    },
  );

  it('after its answer keeps the answer', async () => {
    const notes: string[] = [];
    const lambda = await testLambda({ onLog: ({ line }) => notes.push(line) });
    lambda.register(fixture('crashes.afterwards', { functionName: 'afterwards' }));
    const first = await lambda.invoke('afterwards', {});
    expect(first.payload).toBeTypeOf('number');
    await until(() => notes.some((line) => line.includes('between two invocations')));
    const second = await lambda.invoke('afterwards', {});
    expect(second.payload).not.toBe(first.payload);
  });
});
