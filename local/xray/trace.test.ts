import { describe, expect, it } from 'vitest';
import { tracesOfClip } from './clip-traces.ts';
import type { SegmentDocument, SentDocument } from './segment-document.ts';
import { buildTraces, type TraceNode } from './trace.ts';

const TRACE = '1-6900abcd-0123456789abcdef01234567';

/** @param id also the name */
function sent(id: string, startSeconds: number, rest: Partial<SentDocument> = {}): SentDocument {
  return { trace_id: TRACE, ...embedded(id, startSeconds), ...rest };
}

function embedded(id: string, startSeconds: number): SegmentDocument {
  return { id, name: id, start_time: startSeconds, end_time: startSeconds + 1 };
}

/** `trigger(putEvents(a b))` */
function outline(nodes: readonly TraceNode[] | undefined): string {
  return (nodes ?? [])
    .map(({ document, children }) =>
      children.length === 0 ? document.name : `${document.name}(${outline(children)})`,
    )
    .join(' ');
}

describe('buildTraces', () => {
  it('merges embedded and separately sent subsegments, whatever order they came in', () => {
    const documents = [
      sent('late', 3, { type: 'subsegment', parent_id: 'inner' }),
      sent('early', 2, { type: 'subsegment', parent_id: 'inner' }),
      sent('root', 0, {
        subsegments: [{ ...embedded('outer', 1), subsegments: [embedded('inner', 1)] }],
      }),
    ];
    for (const order of [documents, documents.toReversed()]) {
      expect(buildTraces(order).map((trace) => outline(trace.roots))).toEqual([
        'root(outer(inner(early late)))',
      ]);
    }
  });

  it('keeps the finished document of a segment that was sent in progress, too', () => {
    const running = { ...sent('a', 0), end_time: undefined };
    for (const order of [
      [running, sent('a', 0)],
      [sent('a', 0), running],
    ]) {
      expect(buildTraces(order)[0]?.roots).toMatchObject([{ document: { end_time: 1 } }]);
    }
  });

  it('shows what has lost its caller at the top, and the earliest trace first', () => {
    const traces = buildTraces([
      sent('orphan', 5, { parent_id: 'never sent' }),
      sent('first', 1, { trace_id: '1-other' }),
      sent('root', 4),
    ]);
    expect(traces.map((trace) => outline(trace.roots))).toEqual(['first', 'root orphan']);
  });
});

describe('tracesOfClip', () => {
  const clip = (clipId: string) => ({ annotations: { clipId } });
  const execution = buildTraces([
    sent('trigger', 0),
    sent('putEvents', 1, { parent_id: 'trigger' }),
    sent('getItem', 1, { parent_id: 'trigger' }),
    sent('extractor-a', 2, { parent_id: 'putEvents' }),
    sent('handler-a', 3, { parent_id: 'extractor-a', ...clip('a') }),
    sent('s3-a', 4, { parent_id: 'handler-a' }),
    sent('extractor-b', 2, { parent_id: 'putEvents' }),
    sent('handler-b', 3, { parent_id: 'extractor-b', ...clip('b') }),
    sent('s3-b', 4, { parent_id: 'handler-b', type: 'subsegment' }),
    sent('stitcher-a', 5, { parent_id: 's3-b' }),
    sent('stitching-a', 5, { parent_id: 'stitcher-a', ...clip('a') }),
    sent('s3-b-more', 6, { parent_id: 'handler-b' }),
  ]);

  it('shows the work of the clip and the trigger, and leaves out the other clips', () => {
    expect(tracesOfClip(execution, 'a').map((trace) => outline(trace.roots))).toEqual([
      'trigger(putEvents(extractor-a(handler-a(s3-a)) extractor-b(handler-b(s3-b(stitcher-a(stitching-a))))) getItem)',
    ]);
    expect(tracesOfClip(execution, 'b').map((trace) => outline(trace.roots))).toEqual([
      'trigger(putEvents(extractor-b(handler-b(s3-b s3-b-more))) getItem)',
    ]);
  });

  it('finds nothing for a clip that nobody has worked for', () => {
    expect(tracesOfClip(execution, 'c')).toEqual([]);
  });
});
