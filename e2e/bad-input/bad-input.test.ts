import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '#shared/errors';
import {
  type Splicebus,
  startSplicebus,
  TENANT_ID,
  type WantedClip,
} from '../harness/splicebus.ts';
import { BROKEN_EPISODES } from './broken-episodes.ts';
import { HOSTILE_EPISODES } from './hostile-episodes.ts';

const GOOD: WantedClip = { clipId: 'good', segments: [{ startTime: 13, endTime: 14 }] };
const ASKED = [{ startMs: 13_000, endMs: 14_000 }];
const BAD_ID = 'must be 1–128 letters';

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
});
afterAll(() => splicebus?.stop());

/** A sentence for a person: it says something, ends as sentences do, and shows no internals. */
function expectHelpful(message: string): void {
  expect(message).toMatch(/^[A-Z].{20,600}$/s);
  expect(message.replace('received undefined', 'received nothing')).not.toMatch(
    /undefined|\[object|TypeError|node_modules|\bat .*:\d+:\d+/,
  );
}

describe('a request that cannot be worked on at all', () => {
  const base = { tenantId: TENANT_ID, episodeId: 'plain', clips: [GOOD] };
  it.each<[string, object, ErrorCode, string]>([
    ['nothing in it', {}, 'EVENT_INVALID', 'tenantId'],
    ['no tenantId', { ...base, tenantId: undefined }, 'EVENT_INVALID', 'tenantId'],
    ['a number for a tenantId', { ...base, tenantId: 7 }, 'EVENT_INVALID', BAD_ID],
    ['a tenantId with /', { ...base, tenantId: 'acme/evil' }, 'EVENT_INVALID', BAD_ID],
    ['a tenantId with #', { ...base, tenantId: 'acme#plain' }, 'EVENT_INVALID', BAD_ID],
    ['an episodeId of ..', { ...base, episodeId: '..' }, 'EVENT_INVALID', 'episodeId'],
    ['.. within the episodeId', { ...base, episodeId: 'a..b' }, 'EVENT_INVALID', 'episodeId'],
    ['a tenantId of ours', { ...base, tenantId: 'processing' }, 'EVENT_INVALID', 'tenantId'],
    ['an encoded episodeId', { ...base, episodeId: '%2e%2e' }, 'EVENT_INVALID', 'episodeId'],
    ['a null byte', { ...base, episodeId: 'plain\u0000' }, 'EVENT_INVALID', 'episodeId'],
    ['a lookalike', { ...base, episodeId: 'plаin' }, 'EVENT_INVALID', 'episodeId'],
    ['an empty episodeId', { ...base, episodeId: '' }, 'EVENT_INVALID', 'episodeId'],
    ['an endless episodeId', { ...base, episodeId: 'x'.repeat(129) }, 'EVENT_INVALID', 'episodeId'],
    ['a trackName with /', { ...base, trackName: 'main/../x' }, 'EVENT_INVALID', 'trackName'],
    ['clips that are no list', { ...base, clips: 'all' }, 'EVENT_INVALID', 'clips'],
    ['an empty requestId', { ...base, requestId: '' }, 'EVENT_INVALID', 'requestId'],
    ['an unknown cut', { ...base, cut: 'fast' }, 'EVENT_INVALID', 'cut'],
    ['a quality of no height', { ...base, quality: 'hd' }, 'EVENT_INVALID', 'quality: must be'],
    ['an unknown episode', { ...base, episodeId: 'nowhere' }, 'EPISODE_NOT_FOUND', 'nowhere'],
    ["another tenant's episode", { ...base, tenantId: 'rival' }, 'EPISODE_NOT_FOUND', 'rival'],
    ['an unknown track', { ...base, trackName: 'camera-2' }, 'TRACK_NOT_FOUND', 'it has: main'],
    ['a track of Object', { ...base, trackName: 'constructor' }, 'TRACK_NOT_FOUND', 'has: main'],
    ['no clips', { ...base, clips: [] }, 'NO_CLIPS', 'lists no clips'],
    [
      'too many clips',
      { ...base, clips: Array(1_001).fill(0) },
      'TOO_MANY_CLIPS',
      'maxClipsPerRequest',
    ],
    ['no clips, and none detected', { ...base, clips: undefined }, 'NO_CLIPS', '"detected"'],
  ])('%s', async (_what, detail, code, says) => {
    const executionId = await splicebus.begin(detail);
    const execution = await splicebus.finished(executionId);
    expect(execution).toMatchObject({ status: 'failed', processingError: { code } });
    const rejections = splicebus.events
      .ofExecution(executionId)
      .filter((event) => event['detail-type'] === 'ClipGenerationRejected');
    expect(rejections).toMatchObject([
      { detail: { error: { code, message: expect.stringContaining(says) } } },
    ]);
    expectHelpful(rejections[0]!.detail.error!.message);
  });
});

describe('clips of a request that cannot be made', () => {
  const span = (startTime: unknown, endTime: unknown) => [{ startTime, endTime }];
  const BAD: Record<string, [segments: unknown, code: ErrorCode, says: string]> = {
    'end-before-start': [span(5, 4), 'CLIP_INVALID', 'endTime: must be later than startTime'],
    'end-at-start': [span(5, '00:00:05'), 'CLIP_INVALID', 'must be later than startTime'],
    'no-segments': [[], 'CLIP_INVALID', 'must hold at least one segment'],
    'no-list': ['00:00:05-00:00:07', 'CLIP_INVALID', 'segments'],
    absent: [undefined, 'CLIP_INVALID', 'segments'],
    'no-time': [span('soon', 'later'), 'CLIP_INVALID', 'must be a time such as'],
    'no-end': [span(5, undefined), 'CLIP_INVALID', 'endTime'],
    negative: [span(-1, 3), 'CLIP_INVALID', 'startTime: must be a time'],
    'too-many': [
      Array.from({ length: 101 }, (_, n) => ({ startTime: n / 10, endTime: n / 10 + 0.1 })),
      'CLIP_INVALID',
      'maxSegmentsPerClip',
    ],
    'too-long': [
      span(0, 1801),
      'CLIP_INVALID',
      'longer than 1800 s: split it, or raise maxSegmentSeconds',
    ],
    'past-the-end': [span(30, 31), 'SEGMENT_OUTSIDE_EPISODE', 'past the end of the episode'],
    'beyond-the-end': [span(20, 26), 'SEGMENT_OUTSIDE_EPISODE', '00:00:24.000'],
    'one-of-two': [[...span(1, 2), ...span(99, 100)], 'SEGMENT_OUTSIDE_EPISODE', '00:01:39'],
    'between-frames': [span(5.005, 5.01), 'SEGMENT_EMPTY', 'at least one frame'],
  };
  const NAMELESS: [clip: unknown, says: string][] = [
    [{ clipId: 'a/b', segments: span(1, 2) }, 'clipId'],
    [{ clipId: '..', segments: span(1, 2) }, 'clipId'],
    [{ clipId: '../../plain/clips/good', segments: span(1, 2) }, 'clipId'],
    [{ clipId: 'good#1', segments: span(1, 2) }, 'clipId'],
    [{ clipId: 12, segments: span(1, 2) }, 'clipId'],
    [null, 'expected object'],
    ['clip', 'expected object'],
    [GOOD, 'repeats the clipId good'],
  ];
  let executionId: string;

  beforeAll(async () => {
    const bad = Object.entries(BAD).map(([clipId, [segments]]) => ({ clipId, segments }));
    const clips = [...bad, GOOD, ...NAMELESS.map(([clip]) => clip)];
    executionId = await splicebus.makeClips('plain', clips as WantedClip[]);
  });

  it.each(Object.entries(BAD))('%s', async (clipId, [, code, says]) => {
    const record = await splicebus.clip('plain', clipId);
    expect(record).toMatchObject({
      status: 'Generation Failed',
      processingError: { code, message: expect.stringContaining(says) },
    });
    expectHelpful(record!.processingError!.message);
    expect(await splicebus.keys(`plain/clips/${clipId}/clip.mp4`)).toEqual([]);
  });

  it.each(NAMELESS)('%j has no record, but its rejection is on the bus', (clip, says) => {
    const clipIndex = Object.keys(BAD).length + 1 + NAMELESS.findIndex(([one]) => one === clip);
    const rejection = splicebus.events
      .ofExecution(executionId)
      .find(({ detail }) => detail.clipIndex === clipIndex);
    expect(rejection).toMatchObject({
      'detail-type': 'ClipGenerationRejected',
      detail: { error: { message: expect.stringContaining(says) } },
    });
    expect(rejection?.detail.clipId).toBeUndefined();
  });

  it('do not keep their sibling from being made', async () => {
    expect(await splicebus.judge('plain', 'good', ASKED)).toMatchObject({
      exact: true,
      faults: [],
    });
    const failedClips = Object.keys(BAD).length + NAMELESS.length;
    expect(await splicebus.execution(executionId)).toMatchObject({
      status: 'failed',
      totalClips: failedClips + 1,
      processedClips: 1,
      failedClips,
    });
  });
});

describe('a clip of an episode where', () => {
  it.each(
    [...BROKEN_EPISODES, ...HOSTILE_EPISODES].map(
      (broken, n) => [broken.name, `broken-${n}`, broken] as const,
    ),
  )('%s', async (_name, episodeId, { breakIt, code, says, siblingSurvives }) => {
    await splicebus.ingest('plain', episodeId);
    await breakIt(splicebus, episodeId);
    const bad = { clipId: 'bad', segments: [{ startTime: 7, endTime: 8 }] };
    const executionId = await splicebus.makeClips(episodeId, [bad, GOOD]);

    const { processedClips, processingError } = (await splicebus.execution(executionId))!;
    expect(processedClips).toBe(siblingSurvives ? 1 : 0);
    const error = (await splicebus.clip(episodeId, 'bad'))?.processingError ?? processingError;
    expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
    expectHelpful(error!.message);
    if (siblingSurvives) {
      const verdict = await splicebus.judge(episodeId, 'good', ASKED);
      expect(verdict).toMatchObject({ exact: true, faults: [] });
    }
  });
});

it('never had to give up on an event, or lost a function', () => {
  const failures = splicebus.events.all.filter((event) => event.source === 'lambda');
  expect(failures.map(({ detail }) => detail)).toEqual([]);
  const lost = splicebus.logs.filter(({ line }) => line.includes('Runtime exited'));
  expect(lost).toEqual([]);
});
