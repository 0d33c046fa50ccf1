import { describe, expect, it } from 'vitest';
import { EXAMPLE_SEGMENT_RECEIPT } from '../events/receipt.ts';
import { makeClipReceipt } from './make-receipt.ts';
import { largestReceipt } from './receipt.fixture.ts';
import { receiptMetadata } from './receipt-metadata.ts';

const clipOf = (segmentCount: number) =>
  makeClipReceipt(
    Array.from({ length: segmentCount }, () => ({
      receipt: EXAMPLE_SEGMENT_RECEIPT,
      durationUs: 15_500_000,
    })),
    { method: 'copied' },
  );

/** S3's limit, less the names and values of the other metadata at their longest, and this one's name. */
const ROOM =
  2048 -
  Buffer.byteLength(
    [
      `tenant-id${'t'.repeat(128)}execution-id${'0'.repeat(32)}`,
      'execution-started-at2026-03-01T12:00:00.000Z',
      'correlation-id6f9619ff-8b86-d011-b42d-00c04fc964ff',
      `sha256${'0'.repeat(64)}`,
      'renditions720p,1080preceipt',
    ].join(''),
  );

describe('receiptMetadata', () => {
  it.each([1, 5])('holds all of a clip of %i segments', (count) => {
    const told = JSON.parse(receiptMetadata(clipOf(count)));
    expect(told).toMatchObject({
      method: 'smart',
      frames: count * 465,
      encoded: count * 41,
      frameErrors: [0, 0],
      avOffsetUs: 11,
      bytesRead: count * 9_921_204,
      join: 'copied',
      segmentCount: count,
    });
    expect(told.segments).toEqual(
      Array(count).fill({
        requestedMs: [330_000, 345_500],
        achievedUs: [330_000_000, 345_500_000],
        sourceFrames: [9_900, 10_364],
        method: 'smart',
        frames: 465,
        encoded: 41,
        frameErrors: [0, 0],
        avOffsetUs: 11,
        bytesRead: 9_921_204,
        stagesMs: [310, 24, 820, 140, 1_320],
      }),
    );
  });

  it('holds the totals of a clip of 100 segments, and says where the others are', () => {
    expect(JSON.parse(receiptMetadata(clipOf(100)))).toEqual({
      method: 'smart',
      frames: 46_500,
      encoded: 4_100,
      frameErrors: [0, 0],
      avOffsetUs: 11,
      bytesRead: 992_120_400,
      join: 'copied',
      segmentCount: 100,
      segments: 'see the record of the clip or its ClipStitched event',
    });
  });

  it.each([1, 2, 5, 6, 7, 8, 9, 100])(
    'of %i segments is US-ASCII and fits, at its worst',
    (count) => {
      for (const receipt of [clipOf(count), largestReceipt(count)]) {
        const metadata = receiptMetadata(receipt);
        expect(metadata).toMatch(/^[\x20-\x7e]+$/);
        expect(metadata.length).toBeLessThanOrEqual(ROOM);
      }
    },
  );

  it('keeps what is not US-ASCII, escaped, and counts the gaps', () => {
    const { reason, segments } = JSON.parse(receiptMetadata(largestReceipt(1)));
    expect(reason).toMatch(/^"日\\ ünïcödé" .*…$/);
    expect(segments[0]).toMatchObject({ reason, gaps: 900 });
  });

  it('leaves out the numbers of pictures where there are none', () => {
    const { achieved, method: _, ...rest } = EXAMPLE_SEGMENT_RECEIPT;
    const { startUs, endUs } = achieved;
    const receipt = { ...rest, achieved: { startUs, endUs }, frameCount: 0, framesEncoded: 0 };
    const clip = makeClipReceipt([{ receipt, durationUs: 1 }], { method: 'copied' });
    const told = JSON.parse(receiptMetadata(clip));
    expect(told).not.toHaveProperty('method');
    expect(told.segments[0]).not.toHaveProperty('sourceFrames');
  });
});
