import { describe, expect, it } from 'vitest';
import { ClipStitched } from '../events/clip-stitched.ts';
import { EXAMPLE_CLIP, EXAMPLE_EXTRACTED } from '../events/fields.ts';
import { makeEvent, type OutgoingEvent } from '../events/publish.ts';
import {
  EXAMPLE_CLIP_RECEIPT,
  EXAMPLE_SEGMENT_RECEIPT,
  type SegmentReceipt,
} from '../events/receipt.ts';
import { StitchRequested } from '../events/stitch-requested.ts';
import { warningsOf } from '../events/warnings.ts';
import { makeClipReceipt, makeSegmentReceipt } from './make-receipt.ts';
import { largestReceipt } from './receipt.fixture.ts';

const segment = (changes: Partial<SegmentReceipt> = {}) => ({
  receipt: { ...EXAMPLE_SEGMENT_RECEIPT, ...changes },
  durationUs: 15_500_000,
});
const COPIED = { method: 'copied' as const };

describe('makeSegmentReceipt', () => {
  it('changes nothing of what has no need of it', () => {
    expect(makeSegmentReceipt(EXAMPLE_SEGMENT_RECEIPT)).toEqual(EXAMPLE_SEGMENT_RECEIPT);
  });

  it('puts the reason on one short line', () => {
    const reason = `Not\tone\r\n\u0000line: ${'x'.repeat(1_000)}`;
    const made = makeSegmentReceipt({ ...EXAMPLE_SEGMENT_RECEIPT, reason });
    expect(made.reason).toMatch(/^Not one line: x+…$/);
    expect(Buffer.byteLength(made.reason!)).toBe(300);
  });

  it('lists five gaps and counts the others', () => {
    const gap = (chunk: number) => ({
      ...{ chunk, startMs: chunk * 6_000, endMs: chunk * 6_000 + 6_000 },
      filled: 'black' as const,
    });
    const gaps = (count: number) => Array.from({ length: count }, (_, index) => gap(index));
    const made = (count: number) =>
      makeSegmentReceipt({ ...EXAMPLE_SEGMENT_RECEIPT, gaps: gaps(count) });
    expect(made(5)).toMatchObject({ gaps: gaps(5) });
    expect(made(5).moreGaps).toBeUndefined();
    expect(made(8)).toMatchObject({ gaps: gaps(5), moreGaps: 3 });
    expect(made(8).gaps).toHaveLength(5);
  });
});

describe('makeClipReceipt', () => {
  it('is what the example says', () => {
    const { stagesMs: _, ...expected } = EXAMPLE_CLIP_RECEIPT;
    const made = makeClipReceipt(
      EXAMPLE_CLIP_RECEIPT.segments.map((receipt) => ({
        receipt,
        durationUs: receipt.durationUs,
      })),
      COPIED,
    );
    expect(made).toEqual(expected);
  });

  it('adds up, and places each segment after the one before', () => {
    const made = makeClipReceipt([segment(), segment(), segment()], COPIED);
    expect(made).toMatchObject({
      frameCount: 3 * 465,
      framesEncoded: 3 * 41,
      bytesRead: 3 * 9_921_204,
    });
    expect(made.segments.map(({ clipStartUs }) => clipStartUs)).toEqual([
      0, 15_500_000, 31_000_000,
    ]);
  });

  it('lists the warnings of its segments', () => {
    const warning = (segmentIndex: number) => ({
      code: 'DEINTERLACED' as const,
      message: 'The source is interlaced.',
      segmentIndex,
    });
    const made = makeClipReceipt(
      [
        segment({ warnings: [warning(0)], moreWarnings: 3 }),
        segment(),
        segment({ warnings: [warning(2)] }),
      ],
      COPIED,
    );
    expect(made).toMatchObject({ warnings: [warning(0), warning(2)], moreWarnings: 3 });
    expect(made.segments[0]).toMatchObject({ warnings: [warning(0)], moreWarnings: 3 });
    expect(makeClipReceipt([segment()], COPIED)).not.toHaveProperty('warnings');
  });

  it('tells the worst error of each kind, with its sign', () => {
    const made = makeClipReceipt(
      [
        segment({ firstFrameError: 3, lastFrameError: 0, avOffsetUs: -900 }),
        segment({ firstFrameError: -44, lastFrameError: -6, avOffsetUs: 500 }),
        segment({ firstFrameError: 0, lastFrameError: 2, avOffsetUs: undefined }),
      ],
      COPIED,
    );
    expect(made).toMatchObject({ firstFrameError: -44, lastFrameError: -6, avOffsetUs: -900 });
  });

  it.each<[string, SegmentReceipt['method'][], 'copied' | 'reencoded', unknown]>([
    ['all copied', ['copied', 'copied'], 'copied', 'copied'],
    ['all smart', ['smart'], 'copied', 'smart'],
    ['all encoded', ['reencoded', 'reencoded'], 'copied', 'reencoded'],
    ['some copied, some encoded', ['copied', 'reencoded'], 'copied', 'smart'],
    ['encoded by the join', ['copied', 'smart'], 'reencoded', 'reencoded'],
    ['no pictures', [undefined, undefined], 'copied', undefined],
    ['no pictures, encoded by the join', [undefined], 'reencoded', undefined],
  ])('sums up the method: %s', (_, methods, join, expected) => {
    const segments = methods.map((method) => segment({ method }));
    expect(makeClipReceipt(segments, { method: join }).method).toBe(expected);
  });

  it('counts every frame as encoded where the join encoded them, and says why', () => {
    const join = { method: 'reencoded' as const, reason: 'The sizes\ndiffer.' };
    const made = makeClipReceipt([segment({ reason: 'Another.' })], join);
    expect(made).toMatchObject({
      framesEncoded: 465,
      reason: 'The sizes differ.',
      join: { method: 'reencoded', reason: 'The sizes differ.' },
    });
  });

  it('says nothing of sound against picture where there is only one of them', () => {
    const made = makeClipReceipt([segment({ avOffsetUs: undefined })], COPIED);
    expect(made).not.toHaveProperty('avOffsetUs');
  });
});

describe('the largest receipt', () => {
  const MAX_EVENT = 256 * 1024;
  const MAX_ITEM = 400 * 1024;
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  const receipt = largestReceipt(100);
  const stitched: OutgoingEvent = makeEvent(ClipStitched, {
    ...ClipStitched.example,
    receipt,
    ...warningsOf(receipt),
  });
  const requested = makeEvent(StitchRequested, {
    ...EXAMPLE_CLIP,
    segmentCount: 100,
    segments: receipt.segments.map(({ clipStartUs: _, ...segmentReceipt }) => ({
      ...EXAMPLE_EXTRACTED,
      receipt: segmentReceipt,
    })),
  });

  it('fits into an event, with a third to spare', () => {
    expect(bytesOf(stitched)).toBeLessThan((MAX_EVENT * 2) / 3);
    expect(bytesOf(requested)).toBeLessThan((MAX_EVENT * 2) / 3);
  });

  it('fits into the item of the assembly, which holds the segments and the outcome', () => {
    // JSON takes more room than DynamoDB counts: a number is half its digits there, a name has no quotes.
    expect(bytesOf(requested) + bytesOf(stitched)).toBeLessThan(MAX_ITEM);
  });
});
