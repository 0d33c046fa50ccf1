import { describe, expect, it } from 'vitest';
import type { RequestedOptions } from '#shared/events/cut-options';
import { planExecution, rejectExecution } from './plan-execution.ts';

const execution = {
  tenantId: 'acme',
  episodeId: 'ep1',
  trackName: 'main',
  options: {},
  executionId: '0'.repeat(32),
  executionStartedAt: '2026-03-01T12:00:00.000Z',
  correlationId: 'begin-1',
  causationId: 'begin-1',
};
const limits = {
  maxClipsPerRequest: 100,
  maxSegmentsPerClip: 3,
  maxSegmentSeconds: 60,
  maxGrowthWaitSeconds: 1,
};
const segment = (startTime: string | number, endTime: string | number) => ({ startTime, endTime });
const MOMENT = segment(1, 2);
const clip = (clipId: string | undefined, ...segments: unknown[]) => ({ clipId, segments });

const planWith = (
  options: RequestedOptions,
  ...clips: unknown[]
  // biome-ignore lint/suspicious/noExplicitAny: details of several kinds of events
): { detailType: string; detail: any }[] =>
  planExecution({ ...execution, options }, clips, limits) as never;
const plan = (...clips: unknown[]) => planWith({}, ...clips);

describe('planExecution', () => {
  it('starts each clip and asks for each of its segments', () => {
    const events = plan(
      clip('a', segment('00:00:05', '00:00:12.5')),
      clip('b', segment(1, 3), segment(20, 25)),
    );
    expect(events.map(({ detailType, detail }) => [detailType, detail.clipId])).toEqual([
      ['ClipGenerationStarted', 'a'],
      ['SegmentRequested', 'a'],
      ['ClipGenerationStarted', 'b'],
      ['SegmentRequested', 'b'],
      ['SegmentRequested', 'b'],
    ]);
    expect(events[0]!.detail).toMatchObject({ clipIndex: 0, clipCount: 2, segmentCount: 1 });
    expect(events[4]!.detail).toMatchObject({
      segmentIndex: 1,
      segmentCount: 2,
      startMs: 20_000,
      endMs: 25_000,
      trackName: 'main',
    });
  });

  it('gives the same events, under the same ids, each time', () => {
    const ids = () => plan(clip('a', segment(1, 2)), clip('a/b')).map((e) => e.detail.meta.eventId);
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(3);
  });

  it('names a clip without an id after its moments', () => {
    const idOf = (...segments: unknown[]) => plan(clip(undefined, ...segments))[0]!.detail.clipId;
    expect(idOf(segment('00:00:01', 2))).toBe(idOf(segment(1, '2')));
    expect(idOf(segment(1, 2))).not.toBe(idOf(segment(1, 3)));
  });

  it.each([
    ['no object', 42, 'CLIP_INVALID', undefined],
    ['null', null, 'CLIP_INVALID', undefined],
    ['no segments', clip('x'), 'CLIP_INVALID', 'x'],
    ['an end before its start', clip('x', segment(5, 4)), 'CLIP_INVALID', 'x'],
    ['an end at its start', clip('x', segment(5, 5)), 'CLIP_INVALID', 'x'],
    ['a malformed time', clip('x', segment('soon', 5)), 'CLIP_INVALID', 'x'],
    ['an id with a slash', clip('a/b', segment(1, 2)), 'CLIP_INVALID', undefined],
    ['an id with dots', clip('..', segment(1, 2)), 'CLIP_INVALID', undefined],
    ['too many segments', clip('x', ...Array(4).fill(segment(1, 2))), 'CLIP_INVALID', 'x'],
    ['a segment that is too long', clip('x', segment(0, 1), segment(0, 61)), 'CLIP_INVALID', 'x'],
    ['an id used before', clip('good', segment(3, 4)), 'CLIP_DUPLICATE', undefined],
  ])('rejects a clip with %s, and its sibling goes on', (_, bad, code, clipId) => {
    const events = plan(clip('good', segment(1, 2)), bad);
    expect(events.map((event) => event.detailType)).toEqual([
      'ClipGenerationStarted',
      'SegmentRequested',
      'ClipGenerationRejected',
    ]);
    expect(events[2]!.detail).toMatchObject({ clipIndex: 1, clipCount: 2, error: { code } });
    expect(events[2]!.detail.clipId).toBe(clipId);
    expect(events[2]!.detail.error.message).toMatch(/^Clip 1 /);
  });

  it('quotes long texts only in part, so that the largest clip still fits into an event', () => {
    const text = 'ä'.repeat(10_000);
    const many = planExecution(
      execution,
      [clip('a', ...Array(100).fill({ ...segment(1, 2), text, speaker: '\n'.repeat(500) }))],
      {
        ...limits,
        maxSegmentsPerClip: 100,
      },
    );
    expect(Buffer.byteLength(JSON.stringify(many[0]))).toBeLessThan(100 * 1024);
  });
});

describe('the options of a clip', () => {
  const DEFAULTS = { cut: 'exact', audio: 'exact', quality: 'best', gaps: 'fail' };
  const planOne = (ofRequest: RequestedOptions, ofClip: object) =>
    planWith(ofRequest, { segments: [MOMENT], ...ofClip }).map(({ detail }) => detail);

  it.each<[string, RequestedOptions, object, object]>([
    ['are the defaults where nobody asks', {}, {}, {}],
    ["are the request's", { cut: 'reencode', quality: 720 }, {}, { cut: 'reencode', quality: 720 }],
    [
      'are its own first',
      { gaps: 'skip', quality: 480 },
      { gaps: 'black' },
      { gaps: 'black', quality: 480 },
    ],
    ['can go back to a default', { cut: 'copy' }, { cut: 'exact' }, {}],
    ['copy sound with the pictures', {}, { cut: 'copy' }, { cut: 'copy', audio: 'copy' }],
    ['copy sound alone', { audio: 'copy' }, {}, { audio: 'copy' }],
    ['keep sound exact where told', { cut: 'copy' }, { audio: 'exact' }, { cut: 'copy' }],
    [
      'keep sound exact where the request tells',
      { audio: 'exact' },
      { cut: 'copy' },
      { cut: 'copy' },
    ],
    ['take a height as a number', {}, { quality: 720 }, { quality: 720 }],
    ['take a height as a text', {}, { quality: '720' }, { quality: 720 }],
    ['take a height as people say it', {}, { quality: '720p' }, { quality: 720 }],
  ])('%s', (_, ofRequest, ofClip, expected) => {
    const [started, requested] = planOne(ofRequest, ofClip);
    expect(started.options).toEqual({ ...DEFAULTS, ...expected });
    expect(requested.options).toEqual(started.options);
  });

  it.each([
    ['cut', 'fast'],
    ['audio', 'reencode'],
    ['quality', 'hd'],
    ['quality', 0],
    ['quality', 720.5],
    ['quality', -720],
    ['quality', [720]],
    ['gaps', true],
    ['cut', null],
  ])('reject a clip whose %s is %j, and its sibling goes on', (name, value) => {
    const bad = { ...clip('bad', MOMENT), [name]: value };
    const [rejected, started] = plan(bad, clip('good', MOMENT));
    expect(rejected).toMatchObject({
      detailType: 'ClipGenerationRejected',
      detail: { clipId: 'bad', error: { code: 'CLIP_INVALID' } },
    });
    expect(rejected!.detail.error.message).toContain(`Clip 0 does not fit: ${name}: `);
    expect(started).toMatchObject({ detailType: 'ClipGenerationStarted' });
  });

  it('name a clip without an id, as far as they are not the defaults', () => {
    const idOf = (ofRequest: RequestedOptions, ofClip: object) =>
      planOne(ofRequest, ofClip)[0].clipId;
    const plain = idOf({}, {});
    expect(plain).toBe('clip-31154ff775a9');
    expect(idOf({ cut: 'exact' }, { quality: 'best' })).toBe(plain);
    expect(idOf({ quality: 720 }, {})).toBe(idOf({}, { quality: '720p' }));
    expect(idOf({ cut: 'copy' }, {})).toBe(idOf({}, { cut: 'copy', audio: 'copy' }));
    const others = [
      ...[idOf({}, { cut: 'copy' }), idOf({}, { cut: 'copy', audio: 'exact' })],
      ...[idOf({}, { cut: 'reencode' }), idOf({}, { audio: 'copy' })],
      ...[idOf({}, { quality: 720 }), idOf({}, { quality: 480 })],
      ...[idOf({}, { gaps: 'skip' }), idOf({}, { gaps: 'black' })],
    ];
    expect(new Set([plain, ...others]).size).toBe(9);
  });
});

describe('rejectExecution', () => {
  it('answers a request of which nothing can be trusted', () => {
    const { executionId, executionStartedAt, correlationId, causationId } = execution;
    const event = rejectExecution(
      { executionId, executionStartedAt, correlationId, causationId },
      { code: 'EVENT_INVALID', message: 'no' },
    );
    expect(event).toMatchObject({ detailType: 'ClipGenerationRejected', detail: { executionId } });
  });
});
