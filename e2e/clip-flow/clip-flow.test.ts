import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAboutDerived } from '../faults/checker/about-derived.ts';
import type { SeenEvent } from '../harness/event-log.ts';
import type { SampleName } from '../harness/sample-episodes.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

/** What is asked for, per episode. The clip without an id gets one from its moments. */
const CLIPS = {
  one: [{ startMs: 7_000, endMs: 9_500 }],
  three: [
    { startMs: 1_234, endMs: 3_000 },
    { startMs: 5_900, endMs: 6_267 },
    { startMs: 20_000, endMs: 24_000 },
  ],
};
const ANONYMOUS = { startTime: '00:00:11.5', endTime: '00:00:13' };

const segmentsOf = (clip: keyof typeof CLIPS) =>
  CLIPS[clip].map(({ startMs, endMs }) => ({ startTime: startMs / 1000, endTime: endMs / 1000 }));

const ISO_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  for (const sample of ['plain', 'ntsc', 'fmp4', 'silent'] as const) await splicebus.ingest(sample);
});
afterAll(() => splicebus?.stop());

describe('one event with three clips', () => {
  let executionId: string;
  let events: SeenEvent[];
  beforeAll(async () => {
    const [said] = segmentsOf('one');
    executionId = await splicebus.makeClips('plain', [
      { clipId: 'one', segments: [{ ...said, speaker: 'Ada', text: 'And then it flew.' }] },
      { clipId: 'three', segments: segmentsOf('three') },
      { segments: [ANONYMOUS] },
    ]);
    events = splicebus.events.ofExecution(executionId);
  });
  const ofType = (type: string) => events.filter((event) => event['detail-type'] === type);

  it('cuts every clip to the frame', async () => {
    for (const clip of ['one', 'three'] as const) {
      const verdict = await splicebus.judge('plain', clip, CLIPS[clip]);
      expect(verdict, clip).toMatchObject({ exact: true, faults: [] });
    }
  });

  it('names a clip without an id by its moments', async () => {
    const [clipId] = ofType('ClipGenerationStarted')
      .map(({ detail }) => detail.clipId!)
      .filter((id) => !(id in CLIPS));
    expect(clipId).toMatch(/^clip-[0-9a-f]{12}$/);
    const asked = [{ startMs: 11_500, endMs: 13_000 }];
    expect(await splicebus.judge('plain', clipId!, asked)).toMatchObject({ faults: [] });
  });

  it('keeps the record that the design promises, and nothing else', async () => {
    const record = await splicebus.clip('plain', 'three');
    const file = readFileSync(splicebus.clipPath('plain', 'three'));
    expect(record).toEqual({
      pk: 'acme#plain',
      sk: 'clip#three',
      GSI1PK: 'acme#plain',
      GSI1SK: `${record?.createdAt}#three`,
      tenantId: TENANT_ID,
      episodeId: 'plain',
      clipId: 'three',
      trackName: 'main',
      segments: [
        { startTime: '00:00:01.234', endTime: '00:00:03.000' },
        { startTime: '00:00:05.900', endTime: '00:00:06.267' },
        { startTime: '00:00:20.000', endTime: '00:00:24.000' },
      ],
      options: { cut: 'exact', audio: 'exact', quality: 'best', gaps: 'fail' },
      status: 'Generation Complete',
      statusHistory: expect.any(Array),
      executionId,
      executionStartedAt: ISO_TIME,
      s3Key: 'plain/clips/three/clip.mp4',
      fileSize: file.length,
      sha256: createHash('sha256').update(file).digest('hex'),
      duration: '00:00:06',
      media: expect.objectContaining({
        durationMs: expect.any(Number),
        frameCount: expect.any(Number),
      }),
      receipt: expect.objectContaining({ firstFrameError: 0, lastFrameError: 0 }),
      processingMetadata: {
        segmentCount: 3,
        totalProcessingTime: expect.any(Number),
        ffmpegVersion: expect.stringMatching(/^\d+\.\d+/),
      },
      createdAt: ISO_TIME,
      updatedAt: ISO_TIME,
      processedAt: ISO_TIME,
      derivedFrom: { executionId, executionStartedAt: record?.executionStartedAt },
      poster: expect.objectContaining({ width: 320, height: 180 }),
      thumbnails: Array(3).fill(expect.objectContaining({ width: 320, height: 180 })),
      renditions: [expect.objectContaining({ name: 'source', status: 'made' })],
      version: record?.statusHistory.length,
    });
    expect((await splicebus.clip('plain', 'one'))?.segments).toEqual([
      {
        startTime: '00:00:07.000',
        endTime: '00:00:09.500',
        speaker: 'Ada',
        text: 'And then it flew.',
      },
    ]);
  });

  it('tells the history of a clip in order, each event once', async () => {
    const { statusHistory, processedAt, processingMetadata, executionStartedAt } =
      (await splicebus.clip('plain', 'three'))!;
    const after = statusHistory.filter(({ event }) => isAboutDerived(event));
    expect(after.map(({ event, status }) => [event, status]).sort()).toEqual([
      ['RenditionMade', 'Generation Complete'],
      ['RenditionRequested', 'Generation Complete'],
      ['ThumbnailsMade', 'Generation Complete'],
      ['ThumbnailsRequested', 'Generation Complete'],
    ]);
    const own = statusHistory.filter((entry) => !after.includes(entry));
    const steps = own.map(({ event, segmentIndex }) => [event, segmentIndex]);
    expect(steps.slice(0, 4)).toEqual([
      ['ClipGenerationStarted', undefined],
      ['SegmentRequested', 0],
      ['SegmentRequested', 1],
      ['SegmentRequested', 2],
    ]);
    expect(steps.slice(4, 7).sort()).toEqual([
      ['SegmentExtracted', 0],
      ['SegmentExtracted', 1],
      ['SegmentExtracted', 2],
    ]);
    expect(steps.slice(7)).toEqual([
      ['StitchRequested', undefined],
      ['ClipStitched', undefined],
    ]);
    expect(own.map(({ status }) => status)).toEqual([
      ...Array(8).fill('Generation in Progress'),
      'Generation Complete',
    ]);
    const times = statusHistory.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort());
    expect(new Set(statusHistory.map(({ eventId }) => eventId)).size).toBe(9 + after.length);
    expect(new Set(statusHistory.map((entry) => entry.executionId))).toEqual(
      new Set([executionId]),
    );
    const elapsedMs = Date.parse(processedAt!) - Date.parse(executionStartedAt);
    expect(processingMetadata!.totalProcessingTime).toBeLessThanOrEqual(elapsedMs);
  });

  it('lists the clips of the episode by time through the index', async () => {
    const { Items = [] } = await splicebus.clients.dynamodb.send(
      new QueryCommand({
        TableName: splicebus.stack.tableName,
        IndexName: 'GSI1',
        KeyConditionExpression: 'GSI1PK = :episode',
        ExpressionAttributeValues: { ':episode': 'acme#plain' },
      }),
    );
    expect(Items.map(({ clipId }) => clipId).sort()).toEqual(
      ofType('ClipGenerationStarted')
        .map(({ detail }) => detail.clipId)
        .sort(),
    );
    const times = Items.map(({ GSI1SK }) => GSI1SK);
    expect(times).toEqual([...times].sort());
  });

  it('counts the execution, and announces its end once', async () => {
    expect(await splicebus.execution(executionId)).toEqual({
      pk: `processing#${executionId}`,
      sk: 'state',
      executionId,
      tenantId: TENANT_ID,
      episodeId: 'plain',
      executionStartedAt: ISO_TIME,
      startedAt: ISO_TIME,
      completedAt: ISO_TIME,
      status: 'completed',
      totalClips: 3,
      processedClips: 3,
      failedClips: 0,
      cancelledClips: 0,
      endedClips: expect.any(Set),
      correlationId: expect.any(String),
      GSI1PK: 'executions#ended',
      GSI1SK: expect.stringMatching(`^.*Z#${executionId}$`),
      ttl: expect.any(Number),
    });
    expect(ofType('ExecutionFinished').map(({ detail }) => detail)).toEqual([
      expect.objectContaining({
        status: 'completed',
        totalClips: 3,
        processedClips: 3,
        failedClips: 0,
      }),
    ]);
  });

  it('leaves one file per clip, whose size is the true one, what is made of it, and no intermediates', async () => {
    const clipIds = new Set(events.flatMap(({ detail }) => detail.clipId ?? []));
    expect(clipIds.size).toBe(3);
    expect(await splicebus.keys('plain/clips/')).toEqual(
      [...clipIds].flatMap((id) => splicebus.finishedKeys('plain', id, executionId)).sort(),
    );
    const head = await splicebus.clients.s3.send(
      new HeadObjectCommand({
        Bucket: splicebus.stack.bucketName,
        Key: 'plain/clips/three/clip.mp4',
      }),
    );
    const file = readFileSync(splicebus.clipPath('plain', 'three'));
    expect(head).toMatchObject({
      ContentType: 'video/mp4',
      ContentLength: file.length,
      Metadata: { 'execution-id': executionId },
    });
    if (!head.ETag?.includes('-')) {
      expect(head.ETag).toBe(`"${createHash('md5').update(file).digest('hex')}"`);
    }
    const temporary = readdirSync(join(splicebus.stateDir, 'lambda/tmp'), { recursive: true });
    expect(temporary.filter((path) => String(path).includes('splicebus-'))).toEqual([]);
  });

  it('ties every event to the request, and to the event it follows from', async () => {
    const begin = splicebus.events.all.find(
      (event) =>
        event['detail-type'] === 'Begin Clip Generation' && event.detail.episodeId === 'plain',
    )!;
    const idsOf = (...types: string[]) =>
      types.flatMap((type) => ofType(type).map(({ detail }) => detail.meta!.eventId));
    const causes: Record<string, string[]> = {
      ClipGenerationStarted: [begin.id],
      SegmentRequested: [begin.id],
      SegmentExtracted: idsOf('SegmentRequested'),
      StitchRequested: idsOf('SegmentExtracted'),
      ClipStitched: idsOf('StitchRequested'),
      ThumbnailsRequested: idsOf('ClipStitched'),
      ThumbnailsMade: idsOf('ThumbnailsRequested'),
      RenditionRequested: idsOf('ClipStitched'),
      RenditionMade: idsOf('RenditionRequested'),
      ExecutionFinished: idsOf('ClipStitched'),
    };
    for (const { detail, 'detail-type': type } of events) {
      expect(detail.meta?.correlationId, type).toBe(begin.id);
      expect(causes[type], type).toContain(detail.meta?.causationId);
    }
    expect(new Set(events.map(({ detail }) => detail.meta!.eventId)).size).toBe(events.length);
  });
});

describe.each<[SampleName, string]>([
  ['ntsc', '29.97 frames per second'],
  ['fmp4', 'fragmented MP4'],
  ['silent', 'a track without sound'],
])('%s: %s', (sample) => {
  it('cuts to the frame, with sound exactly where the episode has it', async () => {
    const clips = [
      { clipId: 'one', segments: segmentsOf('one') },
      { clipId: 'three', segments: segmentsOf('three') },
    ];
    const executionId = await splicebus.makeClips(sample, clips);
    expect(await splicebus.execution(executionId)).toMatchObject({
      status: 'completed',
      processedClips: 2,
    });
    for (const clip of ['one', 'three'] as const) {
      const verdict = await splicebus.judge(sample, clip, CLIPS[clip]);
      expect(verdict, clip).toMatchObject({ exact: true, faults: [] });
      expect(verdict.sound === undefined).toBe(sample === 'silent');
    }
  });
});
