import { describe, expect, it } from 'vitest';
import { fixture, testLambda } from './test-lambda.ts';
import { continueTrace, formatTraceHeader } from './trace-header.ts';

interface Segment {
  trace_id: string;
  id: string;
  parent_id?: string;
  origin: string;
  fault?: boolean;
  throttle?: boolean;
  start_time: number;
  end_time: number;
  subsegments?: { id: string; name: string; fault?: boolean }[];
}

const ROOT = '1-6900abcd-0123456789abcdef01234567';

async function recordingLambda() {
  const segments: Segment[] = [];
  const lambda = await testLambda({ emitSegment: (segment) => segments.push(segment as Segment) });
  return { lambda, segments };
}

describe('trace headers', () => {
  it('are continued, and begun where they are absent or malformed', () => {
    const header = `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0`;
    const trace = { traceId: ROOT, parentId: '53995c3f42cd8ad8', sampled: true };
    expect(continueTrace(header, true)).toEqual(trace);
    expect(formatTraceHeader(trace)).toBe(`Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`);
    expect(continueTrace(`Root=${ROOT};Sampled=0`, true).sampled).toBe(false);
    const fresh = { traceId: expect.stringMatching(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/) };
    expect(continueTrace(undefined, true)).toEqual({ ...fresh, sampled: true });
    expect(continueTrace('Root=nonsense', false)).toEqual({ ...fresh, sampled: false });
  });
});

describe('the segments of the Lambda service', () => {
  it('link the caller, the service and the function, which sees its own as parent', async () => {
    const { lambda, segments } = await recordingLambda();
    lambda.register(fixture('answers-with-its-environment.handler', { tracing: true }));
    const { payload } = await lambda.invoke(
      'answers-with-its-environment',
      {},
      { traceHeader: `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1` },
    );
    const [service, environment] = segments;
    expect(service).toMatchObject({
      trace_id: ROOT,
      parent_id: '53995c3f42cd8ad8',
      origin: 'AWS::Lambda',
    });
    expect(environment).toMatchObject({
      trace_id: ROOT,
      parent_id: service?.id,
      origin: 'AWS::Lambda::Function',
      subsegments: [{ name: 'Initialization' }],
    });
    const { variables } = payload as { variables: Record<string, string> };
    expect(variables._X_AMZN_TRACE_ID).toBe(`Root=${ROOT};Parent=${environment?.id};Sampled=1`);
    await lambda.invoke('answers-with-its-environment', {});
    expect(segments[3]?.subsegments).toBeUndefined();
    expect(segments[3]?.trace_id).not.toBe(ROOT);
  });

  it('show every attempt of a queued event in one trace, and that it failed', async () => {
    const { lambda, segments } = await recordingLambda();
    lambda.register(fixture('fails-to-load.handler', { tracing: true, maximumRetryAttempts: 1 }));
    await lambda.invokeAsync('fails-to-load', {});
    await lambda.idle();
    expect(new Set(segments.map((segment) => segment.trace_id)).size).toBe(1);
    expect(segments.map(({ origin, fault }) => [origin, fault])).toEqual([
      ['AWS::Lambda', true],
      ['AWS::Lambda::Function', true],
      ['AWS::Lambda', true],
      ['AWS::Lambda::Function', true],
    ]);
    const attempts = segments.map((segment) => segment.subsegments?.at(-1));
    expect(attempts[0]).toMatchObject({ name: 'Attempt #1', id: segments[1]?.parent_id });
    expect(attempts[2]).toMatchObject({ name: 'Attempt #2', id: segments[3]?.parent_id });
  });

  it('mark throttled calls, and are not sent of unsampled or untraced ones', async () => {
    const { lambda, segments } = await recordingLambda();
    const handler = 'answers-with-event-and-context.handler';
    lambda.register(
      fixture(handler, { functionName: 'throttled', tracing: true, reservedConcurrency: 0 }),
    );
    lambda.register(fixture(handler, { functionName: 'untraced' }));
    lambda.register(fixture(handler, { functionName: 'traced', tracing: true }));
    await lambda.invoke('untraced', {}, { traceHeader: `Root=${ROOT};Sampled=1` });
    await lambda.invoke('traced', {}, { traceHeader: `Root=${ROOT};Sampled=0` });
    await expect(lambda.invoke('throttled', {})).rejects.toThrow('Rate Exceeded');
    expect(segments).toMatchObject([{ origin: 'AWS::Lambda', throttle: true, error: true }]);
  });
});
