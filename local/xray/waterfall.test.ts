import { describe, expect, it } from 'vitest';
import type { SentDocument } from './segment-document.ts';
import { buildTraces } from './trace.ts';
import { renderWaterfall } from './waterfall.ts';

const TRACE = '1-6900abcd-0123456789abcdef01234567';
const START_SECONDS = Date.parse('2026-11-21T08:00:00.000Z') / 1000;

function span(
  id: string,
  startMs: number,
  endMs: number | undefined,
  rest: Partial<SentDocument> = {},
): SentDocument {
  const end = endMs === undefined ? {} : { end_time: START_SECONDS + endMs / 1000 };
  const start_time = START_SECONDS + startMs / 1000;
  return { trace_id: TRACE, id, name: id, start_time, ...end, ...rest };
}

function render(documents: SentDocument[], columns: number): string[] {
  const [trace] = buildTraces(documents);
  return trace ? renderWaterfall(trace, columns) : [];
}

describe('renderWaterfall', () => {
  it('draws callers above what they called, on one time axis', () => {
    const lines = render(
      [
        span('trigger', 0, 400, { origin: 'AWS::Lambda' }),
        span('S3', 0, 120, {
          parent_id: 'trigger',
          namespace: 'aws',
          aws: { operation: 'GetObject' },
        }),
        span('extract', 200, 400, { parent_id: 'trigger', fault: true }),
        span('DynamoDB', 300, 301, { parent_id: 'extract', error: true, throttle: true }),
      ],
      61,
    );
    expect(lines).toEqual([
      `Trace ${TRACE}`,
      'Started 2026-11-21T08:00:00.000Z, total 400.0 ms',
      '',
      '  trigger (AWS::Lambda) │██████████████████████████│ 400.0 ms',
      '    S3 (GetObject)      │████████                  │ 120.0 ms',
      '✗   extract             │             █████████████│ 200.0 ms',
      '~     DynamoDB          │                   █      │   1.0 ms',
      '',
      '✗ fault   ~ throttled',
    ]);
  });

  it('draws what is still running to the end of the axis', () => {
    const lines = render([span('a', 0, 100), span('b', 50, undefined)], 40);
    expect(lines.slice(3)).toEqual([
      '  a │█████████████████████████│ 100.0 ms',
      '… b │            █████████████│  running',
      '',
      '… in progress',
    ]);
  });

  it.each([40, 80, 100, 213])(
    'fits into %i columns, however deep and long the names',
    (columns) => {
      const documents = Array.from({ length: 30 }, (_, depth) =>
        span(`a-service-with-a-long-name-${depth}`, depth, 1000 - depth, {
          ...(depth > 0 ? { parent_id: `a-service-with-a-long-name-${depth - 1}` } : {}),
          error: true,
        }),
      );
      const lines = render(documents, columns).slice(3, 33);
      expect(new Set(lines.map((line) => line.length))).toEqual(new Set([columns]));
    },
  );

  it('survives a trace without any extent', () => {
    expect(render([span('a', 0, 0)], 40)[3]).toMatch(/^ {2}a │█ +│ 0\.0 ms$/);
  });
});
