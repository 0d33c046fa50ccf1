import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hear } from '#local/judge/index';
import { seeFrames } from '#local/judge/pictures';
import { SAMPLE_RATE } from '#local/sample/index';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';
import { withGaps } from './packages.ts';
import { expectExact, judged, requested, type Span } from './spans.ts';

const AAC_FRAME_MS = (1024 * 1000) / SAMPLE_RATE;

const SPAN: Span = [5_000, 19_000];
/** What of it is there. */
const LEFT: Span[] = [
  [5_000, 6_000],
  [18_000, 19_000],
];
const ELSEWHERE: Span[] = [
  [1_200, 5_500],
  [18_500, 21_000],
];
const MISSING = [
  { chunk: 1, startMs: 6_000, endMs: 12_000 },
  { chunk: 2, startMs: 12_000, endMs: 18_000 },
];

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingestFiles(await withGaps(), 'gaps', await sampleEpisode('plain'));
  const clip = { segments: requested([SPAN]) };
  await splicebus.makeClips('gaps', [
    { ...clip, clipId: 'unsaid' },
    { ...clip, clipId: 'fail', gaps: 'fail' },
    // The last of its sound is in the chunk that is missing.
    { clipId: 'beside', segments: requested([[4_500, 6_000]]) },
    { ...clip, clipId: 'skip', gaps: 'skip' },
    { ...clip, clipId: 'black', gaps: 'black' },
    { segments: requested(ELSEWHERE), clipId: 'elsewhere' },
  ]);
});
afterAll(() => splicebus?.stop());

describe('chunks that are missing', () => {
  it.each(['unsaid', 'fail', 'beside'])('fail a clip, and are named: %s', async (clipId) => {
    expect(await splicebus.clip('gaps', clipId)).toMatchObject({
      status: 'Generation Failed',
      processingError: {
        code: 'CHUNK_NOT_FOUND',
        message: expect.stringMatching(/gaps\/tracks\/main\/[12]\.ts .*gaps: skip or black/),
      },
    });
  });

  it('are nothing to a clip of what lies elsewhere', async () => {
    await expectExact(splicebus, 'gaps', 'elsewhere', ELSEWHERE);
  });

  it('are skipped', async () => {
    const { receipt } = (await splicebus.clip('gaps', 'skip'))!;
    expect(receipt!.segments[0]!.gaps).toEqual(MISSING.map((gap) => ({ ...gap, filled: 'skip' })));
    const { exact, sound } = await splicebus.judge('gaps', 'skip', judged(LEFT));
    expect(exact).toBe(true);
    // In MPEG-TS the last sound of a chunk is in the next one, which is missing.
    expect(sound!.longestGapMs).toBeLessThanOrEqual(AAC_FRAME_MS);
    expect(sound!.maxOffsetMs).toBeLessThanOrEqual(1);
  });

  it('are black and silent for as long as they last', async () => {
    const { receipt } = (await splicebus.clip('gaps', 'black'))!;
    expect(receipt!.segments[0]!.gaps).toEqual(MISSING.map((gap) => ({ ...gap, filled: 'black' })));
    const file = splicebus.clipPath('gaps', 'black');
    const numbers = (await seeFrames('ffmpeg', file)).map(({ number }) => number);
    const numbersFrom = (first: number) => Array.from({ length: 30 }, (_, n) => first + n);
    const unreadable = Array(12 * 30).fill(undefined);
    expect(numbers).toEqual([...numbersFrom(150), ...unreadable, ...numbersFrom(540)]);
    const { samples } = (await hear('ffmpeg', file))!;
    const loudest = (fromSeconds: number, toSeconds: number) =>
      samples
        .subarray(fromSeconds * SAMPLE_RATE, toSeconds * SAMPLE_RATE)
        .reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(loudest(0, 1)).toBeGreaterThan(0.05);
    expect(loudest(1.1, 12.9)).toBeLessThan(0.002);
    expect(loudest(13.1, 14)).toBeGreaterThan(0.05);
  });
});
