import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobStatusAnswer } from '#shared/api/job-status';
import type { ClipWarning } from '#shared/events/warnings';
import { ApiCaller } from '../harness/api.ts';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';
import { twoQualities, withGaps } from '../sources/packages.ts';
import { expectExact, requested, type Span } from '../sources/spans.ts';

// Of the episode `gaps`, the chunks from 6 to 18 s are missing.
const WHOLE: Span = [18_500, 21_000];
const WITH_GAP: Span = [5_000, 19_000];
const FROM_GAP_TO_END =
  'From 00:00:06.000 to 00:00:18.000, chunks 1 to 2 of the playlist are missing';

const SKIPPED: ClipWarning = {
  code: 'SHORTER_THAN_ASKED',
  message: `${FROM_GAP_TO_END}: the clip skips that stretch.`,
  segmentIndex: 1,
  atMs: 6_000,
};
const BLACK: ClipWarning = {
  code: 'FRAMES_MISSING',
  message: `${FROM_GAP_TO_END}: black and silence stand in.`,
  segmentIndex: 1,
  atMs: 6_000,
};

let splicebus: Splicebus;
let api: ApiCaller;
beforeAll(async () => {
  splicebus = await startSplicebus();
  api = await ApiCaller.of(splicebus);
  const plain = await sampleEpisode('plain');
  await splicebus.ingestFiles(await withGaps(), 'gaps', plain);
  await splicebus.ingestFiles(await twoQualities(), 'tracks', plain);
});
afterAll(() => splicebus?.stop());

const detailsOf = (clipId: string, detailType: string) =>
  splicebus.events.all
    .filter((event) => event['detail-type'] === detailType)
    .map(({ detail }): Record<string, unknown> => ({ ...detail }))
    .filter((detail) => detail.clipId === clipId);

describe('a clip that is less than what was asked for', () => {
  let seen: JobStatusAnswer | undefined;
  beforeAll(async () => {
    const [skip] = await api.generate({
      episodeId: 'gaps',
      clips: [
        { clipId: 'skip', gaps: 'skip', segments: requested([WHOLE, WITH_GAP]) },
        { clipId: 'black', gaps: 'black', segments: requested([WHOLE, WITH_GAP]) },
      ],
    });
    seen = (await api.watch(skip!)).at(-1);
    await splicebus.stack.idle();
  });

  it.each([
    ['skip', SKIPPED],
    ['black', BLACK],
  ])('is complete, and its record, events and receipt say so: %s', async (clipId, warning) => {
    const record = await splicebus.clip('gaps', clipId);
    expect(record).toMatchObject({ status: 'Generation Complete', warnings: [warning] });
    expect(record).not.toHaveProperty('moreWarnings');
    expect(record!.receipt).toMatchObject({ warnings: [warning] });
    expect(record!.receipt!.segments.map(({ warnings }) => warnings)).toEqual([
      undefined,
      [warning],
    ]);
    const extracted = detailsOf(clipId, 'SegmentExtracted');
    expect(extracted.map(({ warnings }) => warnings)).toEqual(
      expect.arrayContaining([undefined, [warning]]),
    );
    expect(detailsOf(clipId, 'ClipStitched')).toMatchObject([{ warnings: [warning] }]);
  });

  it('says so over HTTP', async () => {
    expect(seen).toMatchObject({ status: 'Generation Complete', warnings: [SKIPPED] });
    const metadata = await api.get(seen!.links.metadata);
    expect(metadata.body).toMatchObject({ warnings: [SKIPPED] });
  });

  it('counts its warnings in the metadata of the file, and by code in a metric', async () => {
    const { Metadata } = await splicebus.clients.s3.send(
      new HeadObjectCommand({
        Bucket: splicebus.stack.bucketName,
        Key: 'gaps/clips/skip/clip.mp4',
      }),
    );
    expect(JSON.parse(Metadata!.receipt!)).toMatchObject({ warnings: 1 });
    const counted = splicebus.logs.flatMap(({ line }) => {
      if (!line.startsWith('{') || !line.includes('WarningCount')) return [];
      const { WarningCount, code } = JSON.parse(line);
      return [{ WarningCount, code }];
    });
    expect(counted).toEqual(
      expect.arrayContaining([
        { WarningCount: 1, code: SKIPPED.code },
        { WarningCount: 1, code: BLACK.code },
      ]),
    );
    expect(counted).toHaveLength(2);
  });

  it('has the warnings of its newest execution alone', async () => {
    await splicebus.makeClips('gaps', [{ clipId: 'black', segments: requested([WHOLE]) }]);
    const record = await splicebus.clip('gaps', 'black');
    expect(record).toMatchObject({ status: 'Generation Complete' });
    expect(record).not.toHaveProperty('warnings');
  });
});

describe('in a strict request', () => {
  it('fails with the code and the sentence, before anything is written', async () => {
    const strict = { strict: true, gaps: 'skip', segments: requested([WHOLE, WITH_GAP]) };
    await splicebus.makeClips('gaps', [{ ...strict, clipId: 'strict' }]);
    const { code, message } = SKIPPED;
    const record = await splicebus.clip('gaps', 'strict');
    expect(record).toMatchObject({
      status: 'Generation Failed',
      processingError: { code, message },
    });
    expect(record).not.toHaveProperty('warnings');
    expect(detailsOf('strict', 'SegmentFailed')).toMatchObject([
      { segmentIndex: 1, error: { code, message } },
    ]);
    expect(detailsOf('strict', 'StitchRequested')).toEqual([]);
    const keys = await splicebus.keys('gaps/');
    expect(keys.filter((key) => key.includes('strict'))).toEqual([]);
  });

  it('is made where there is nothing to warn of', async () => {
    const clip = { strict: true, segments: requested([WHOLE, [1_000, 2_000]]) };
    await splicebus.makeClips('gaps', [{ ...clip, clipId: 'clean' }]);
    await expectExact(splicebus, 'gaps', 'clean', [WHOLE, [1_000, 2_000]]);
    expect(detailsOf('clean', 'StitchRequested')).toMatchObject([{ strict: true }]);
  });
});

describe('an audio track that is asked for', () => {
  it('is taken, or another one with a warning that says which there are', async () => {
    const segments = requested([[5_200, 7_100]]);
    await splicebus.makeClips('tracks', [
      { clipId: 'first', audioTrack: 0, segments },
      { clipId: 'none', audioTrack: 'fr', segments },
    ]);
    await expectExact(splicebus, 'tracks', 'first', [[5_200, 7_100]]);
    expect(await splicebus.clip('tracks', 'first')).not.toHaveProperty('warnings');
    await expectExact(splicebus, 'tracks', 'none', [[5_200, 7_100]]);
    expect((await splicebus.clip('tracks', 'none'))!.warnings).toEqual([
      {
        code: 'TRACK_SUBSTITUTED',
        message: expect.stringMatching(/no audio track "fr"; it has 0: "\w+"/),
        segmentIndex: 0,
      },
    ]);
  });
});
