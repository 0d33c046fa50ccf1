import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClipReceipt, SegmentReceipt } from '#shared/events/receipt';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';
import { expectThrift, judged, requested, type Span } from './spans.ts';

/** Long enough to be copied for the most part. */
const SPANS: Span[] = [
  [1_234, 12_500],
  [15_900, 23_267],
];
const SHORT: Span[] = [[5_300, 8_200]];

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
  await splicebus.makeClips('plain', [
    { clipId: 'exact', segments: requested(SPANS) },
    { clipId: 'copy', cut: 'copy', segments: requested(SHORT) },
    { clipId: 'reencode', cut: 'reencode', segments: requested(SHORT) },
  ]);
});
afterAll(() => splicebus?.stop());

const receiptOf = async (clipId: string): Promise<ClipReceipt> =>
  (await splicebus.clip('plain', clipId))!.receipt!;

function detailsOf<Detail>(type: string, clipId: string): Detail[] {
  const events = splicebus.events.all.filter(
    (event) => event['detail-type'] === type && event.detail.clipId === clipId,
  );
  return events.map(({ detail }) => detail as Detail);
}

it('says that an exact cut is exact, and what little of it was encoded', async () => {
  const receipt = await receiptOf('exact');
  expect(receipt).toMatchObject({
    method: 'smart',
    firstFrameError: 0,
    lastFrameError: 0,
    join: { method: 'copied' },
    segments: [
      {
        requested: { startMs: 1_234, endMs: 12_500 },
        achieved: { firstFrame: 37, lastFrame: 374 },
        chunks: { first: 0, last: 2 },
        audio: 'exact',
        clipStartUs: 0,
      },
      {
        requested: { startMs: 15_900, endMs: 23_267 },
        achieved: { firstFrame: 477, lastFrame: 697 },
        chunks: { first: 2, last: 3 },
        audio: 'exact',
        clipStartUs: receipt.segments[0]!.durationUs,
      },
    ],
  });
  for (const segment of receipt.segments) {
    expect(segment).toMatchObject({ method: 'smart', firstFrameError: 0, lastFrameError: 0 });
    expect(segment.framesEncoded).toBeLessThan(segment.frameCount / 3);
    expect(Math.abs(segment.avOffsetUs!)).toBeLessThanOrEqual(1_000);
  }
  await expectThrift(splicebus, 'plain', 'exact');
});

it.each([
  ['exact', SPANS, 'exact'],
  ['copy', SHORT, 'copy'],
  ['reencode', SHORT, 'exact'],
] as const)('%s: says what the decoded clip shows', async (clipId, spans, audio) => {
  const receipt = await receiptOf(clipId);
  const verdict = await splicebus.judge('plain', clipId, judged(spans), { audio });
  expect(receipt.frameCount).toBe(verdict.picture.frameCount);
  for (const [n, segment] of receipt.segments.entries()) {
    const shown = verdict.segments[n]!;
    expect(segment).toMatchObject({
      achieved: { firstFrame: shown.gotFirst, lastFrame: shown.gotLast },
      firstFrameError: shown.startErrorFrames,
      lastFrameError: shown.endErrorFrames,
    });
  }
});

it('says of a copy that nothing was encoded, and how far off the key frames are', async () => {
  const { firstFrameError, ...receipt } = await receiptOf('copy');
  expect(receipt).toMatchObject({
    ...{ method: 'copied', framesEncoded: 0, segments: [{ audio: 'copied' }] },
  });
  expect(firstFrameError).not.toBe(0);
});

it('says of a clip that was encoded that all of it was', async () => {
  const { frameCount, ...receipt } = await receiptOf('reencode');
  expect(receipt).toMatchObject({
    ...{ method: 'reencoded', framesEncoded: frameCount, firstFrameError: 0, lastFrameError: 0 },
  });
});

describe('is the same wherever it is kept', () => {
  it('in the events', async () => {
    const receipt = await receiptOf('exact');
    const [stitched] = detailsOf<{ receipt: ClipReceipt }>('ClipStitched', 'exact');
    expect(stitched!.receipt).toEqual(receipt);
    type Extracted = { segmentIndex: number; segment: { receipt: SegmentReceipt } };
    for (const { segmentIndex, segment } of detailsOf<Extracted>('SegmentExtracted', 'exact')) {
      expect(receipt.segments[segmentIndex]).toMatchObject(segment.receipt);
    }
  });

  it('in short, in the metadata of the file', async () => {
    const receipt = await receiptOf('exact');
    const { bucketName } = splicebus.stack;
    const { Metadata } = await splicebus.clients.s3.send(
      new HeadObjectCommand({ Bucket: bucketName, Key: 'plain/clips/exact/clip.mp4' }),
    );
    const { method, frameCount, framesEncoded, avOffsetUs, bytesRead } = receipt;
    expect(JSON.parse(Metadata!.receipt!)).toEqual({
      ...{ method, frames: frameCount, encoded: framesEncoded, frameErrors: [0, 0] },
      ...{ avOffsetUs, bytesRead, join: 'copied', segmentCount: 2 },
      segments: receipt.segments.map(({ requested, achieved, stagesMs, ...segment }) => ({
        requestedMs: [requested.startMs, requested.endMs],
        achievedUs: [achieved.startUs, achieved.endUs],
        sourceFrames: [achieved.firstFrame, achieved.lastFrame],
        method: segment.method,
        frames: segment.frameCount,
        encoded: segment.framesEncoded,
        frameErrors: [0, 0],
        avOffsetUs: segment.avOffsetUs,
        bytesRead: segment.bytesRead,
        stagesMs: [stagesMs.fetch, stagesMs.index, stagesMs.cut, stagesMs.upload, stagesMs.total],
      })),
    });
  });
});
