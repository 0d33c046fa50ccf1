import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';
import { endOfTwelveHours } from './packages.ts';
import { expectExact, expectThrift, requested, type Span } from './spans.ts';

const TWELVE_HOURS_MS = 12 * 60 * 60 * 1000;

/** From the chunk before the last one on: no other chunks are in the bucket, but for the first. */
const SPANS: Span[] = [
  [TWELVE_HOURS_MS - 9_500, TWELVE_HOURS_MS - 4_000],
  [TWELVE_HOURS_MS - 1_500, TWELVE_HOURS_MS],
];
const SHOWN: Span[] = [
  [14_500, 20_000],
  [22_500, 24_000],
];

let splicebus: Splicebus;
let playlistBytes: number;
beforeAll(async () => {
  splicebus = await startSplicebus();
  const files = await endOfTwelveHours();
  playlistBytes = files['index.m3u8']!.length;
  await splicebus.ingestFiles(files, 'long', await sampleEpisode('plain'));
});
afterAll(() => splicebus?.stop());

describe('12 hours in 7,200 chunks', () => {
  it('are cut to the frame at their end, by the clock of their beginning', async () => {
    await splicebus.makeClips('long', [{ clipId: 'end', segments: requested(SPANS) }]);
    await expectExact(splicebus, 'long', 'end', SHOWN);
    const { receipt } = (await splicebus.clip('long', 'end'))!;
    const told = receipt!.segments.map(({ chunks }) => [chunks.first, chunks.last]);
    expect(told).toEqual([
      [7_198, 7_199],
      [7_199, 7_199],
    ]);
    for (const { bytesRead, chunks } of receipt!.segments) {
      expect(bytesRead - playlistBytes).toBeLessThanOrEqual(1.25 * chunks.bytes);
    }
  });

  it('are not listed again to a function that has read their playlist', async () => {
    await splicebus.makeClips('long', [{ clipId: 'next', segments: requested(SPANS.slice(0, 1)) }]);
    await expectExact(splicebus, 'long', 'next', SHOWN.slice(0, 1));
    await expectThrift(splicebus, 'long', 'next');
  });
});
