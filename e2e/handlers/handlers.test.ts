import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClipStitched } from '#shared/events/clip-stitched';
import type { EventDefinition } from '#shared/events/define-event';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { SegmentRequested } from '#shared/events/segment-requested';
import { StitchRequested } from '#shared/events/stitch-requested';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';

let splicebus: Splicebus;
let executionId: string;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
  executionId = await splicebus.makeClips('plain', [
    {
      clipId: 'good',
      segments: [
        { startTime: 1, endTime: 2 },
        { startTime: 4, endTime: 5 },
      ],
    },
    { clipId: 'late', segments: [{ startTime: 99, endTime: 100 }] },
    { clipId: 'backwards', segments: [{ startTime: 3, endTime: 2 }] },
  ]);
});
afterAll(() => splicebus?.stop());

/** An event as EventBridge delivers it. */
const envelope = (detailType: string, source: string, detail: unknown) => ({
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': detailType,
  source,
  account: '000000000000',
  time: '2026-03-01T12:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail,
});
/** The example of an event, with one field spoilt. */
const spoilt = ({ detailType, source, example }: EventDefinition, change: object) =>
  envelope(detailType, source, { ...(example as object), ...change });

describe('a handler that gets what does not fit fails, and names the field', () => {
  it.each<[string, unknown, string]>([
    ['trigger-dev-beginClipGeneration', { id: 'x' }, 'source'],
    ['trigger-dev-beginClipGeneration', null, 'expected object'],
    ['trigger-dev-recommendationsUploaded', { detail: {} }, 'id'],
    [
      'trigger-dev-recommendationsUploaded',
      envelope('Object Created', 'aws.s3', { object: { key: '' } }),
      'object.key',
    ],
    ['extractor-dev-segmentRequested', spoilt(SegmentRequested, { startMs: 'soon' }), 'startMs'],
    ['extractor-dev-segmentRequested', spoilt(SegmentRequested, { clipId: '../x' }), 'clipId'],
    ['extractor-dev-segmentRequested', spoilt(StitchRequested, {}), 'Expected SegmentRequested'],
    [
      'stitcher-dev-segmentExtracted',
      spoilt(SegmentExtracted, { segment: { frameCount: 0 } }),
      'segment.hasAudio',
    ],
    ['stitcher-dev-segmentExtracted', spoilt(SegmentExtracted, { meta: {} }), 'meta.eventId'],
    ['stitcher-dev-stitchRequested', spoilt(StitchRequested, { segments: [] }), 'segments'],
    ['status-dev-clipEvent', spoilt(ClipStitched, { fileSizeBytes: -1 }), 'fileSizeBytes'],
    ['status-dev-clipEvent', 'an event', 'expected object'],
    [
      'status-dev-invocationFailed',
      envelope('Lambda Function Invocation Result - Failure', 'lambda', {}),
      'requestContext',
    ],
  ])('%s, %#', async (name, event, field) => {
    const { functionError, payload } = await splicebus.stack.lambda.invoke(
      `splicebus-${name}`,
      event,
    );
    expect({ functionError, payload }).toMatchObject({
      functionError: 'Unhandled',
      payload: {
        errorType: 'PermanentError',
        errorMessage: expect.stringMatching(/^EVENT_INVALID: /),
      },
    });
    expect((payload as { errorMessage: string }).errorMessage).toContain(field);
  });

  it('status-dev-undeliverableEvent, which gets no events but messages', async () => {
    const { functionError } = await splicebus.stack.lambda.invoke(
      'splicebus-status-dev-undeliverableEvent',
      {},
    );
    expect(functionError).toBe('Unhandled');
  });
});

describe('the logs', () => {
  /** What the functions themselves wrote, which is JSON. */
  const jsonLines = (): Record<string, unknown>[] =>
    splicebus.logs.flatMap(({ line, stream }) =>
      stream !== 'platform' && line.startsWith('{') ? [JSON.parse(line)] : [],
    );

  it('hold the metrics in the embedded metric format, each in its unit', () => {
    const metrics = new Map<string, { unit: string; values: number[] }>();
    for (const line of jsonLines()) {
      const { _aws } = line as { _aws?: { CloudWatchMetrics: Directive[] } };
      for (const { Namespace, Dimensions, Metrics } of _aws?.CloudWatchMetrics ?? []) {
        expect({ Namespace, Dimensions }).toEqual({
          Namespace: 'Splicebus',
          Dimensions: [['service']],
        });
        for (const { Name, Unit } of Metrics) {
          const known = metrics.get(Name) ?? { unit: Unit, values: [] };
          known.values.push(...[line[Name]].flat().map(Number));
          metrics.set(Name, known);
        }
      }
    }
    const total = (name: string) => metrics.get(name)?.values.reduce((sum, value) => sum + value);
    const units = Object.fromEntries([...metrics].map(([name, { unit }]) => [name, unit]));
    expect(units).toMatchObject({
      ClipProcessingDuration: 'Milliseconds',
      SegmentExtractionCount: 'Count',
      SegmentFailureCount: 'Count',
      FFmpegProcessingTime: 'Milliseconds',
      ClipFileSizeBytes: 'Bytes',
      ClipGenerationRejectedCount: 'Count',
    });
    expect(total('SegmentExtractionCount')).toBe(2);
    expect(total('SegmentFailureCount')).toBe(1);
    expect(total('ClipGenerationRejectedCount')).toBe(1);
    // Two segments, a stitch, thumbnails, and the rung of the clip itself.
    expect(metrics.get('FFmpegProcessingTime')?.values).toHaveLength(5);
    expect(metrics.get('ClipProcessingDuration')?.values).toHaveLength(1);
  });

  it('report the size that the file has', async () => {
    const sizes = jsonLines().flatMap((line) =>
      'ClipFileSizeBytes' in line ? [line.ClipFileSizeBytes] : [],
    );
    const record = await splicebus.clip('plain', 'good');
    expect(sizes.flat()).toEqual([record?.fileSize]);
  });

  it('can be searched by clip and by request, through all services', () => {
    const begin = splicebus.events.all.find(
      (event) => event['detail-type'] === 'Begin Clip Generation',
    )!;
    const ofRequest = jsonLines().filter((line) => line.correlationId === begin.id);
    expect(new Set(ofRequest.map(({ service }) => service))).toEqual(
      new Set(['splicebus-trigger', 'splicebus-extractor', 'splicebus-stitcher']),
    );
    const ofClip = ofRequest.filter((line) => line.clipId === 'good');
    expect(ofClip.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'The segment was extracted',
        'The segment is counted',
        'The clip is finished',
      ]),
    );
    expect(ofClip.every((line) => line.executionId === executionId)).toBe(true);
  });

  it('say why something failed, at the level it deserves', () => {
    const [failure] = jsonLines().filter(
      ({ message }) => message === 'The segment cannot be extracted',
    );
    expect(failure).toMatchObject({
      level: 'WARN',
      clipId: 'late',
      error: { name: 'PermanentError', message: expect.stringContaining('past the end') },
    });
  });
});

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit: string }[];
}
