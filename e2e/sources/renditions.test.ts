import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hear, locateSound } from '#local/judge/index';
import { SAMPLE_RATE } from '#local/sample/index';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';
import { twoQualities } from './packages.ts';
import { expectExact, expectThrift, requested, type Span } from './spans.ts';

const SPANS: Span[] = [
  [5_200, 7_100],
  [21_500, 24_000],
];

/** Clips by their id: the quality that is asked for, and the height that comes. */
const QUALITIES: [clipId: string, quality: string | number, height: number][] = [
  ['best', 'best', 360],
  ['small', 180, 180],
  ['between', '240p', 180],
  ['below-all', 100, 180],
];

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  const [files, plain] = [await twoQualities(), await sampleEpisode('plain')];
  await splicebus.ingestFiles(files, 'two-qualities', plain);
  await splicebus.ingestFiles(files, 'sound-alone', undefined, 'sound.m3u8');
});
afterAll(() => splicebus?.stop());

describe('a master playlist with the sound by itself', () => {
  beforeAll(async () => {
    const clips = QUALITIES.map(([clipId, quality]) => ({
      ...{ clipId, quality, segments: requested(SPANS.slice(0, 1)) },
    }));
    await splicebus.makeClips('two-qualities', clips);
  });

  it.each(QUALITIES)('%s: of quality %s come %i pixels', async (clipId, _, height) => {
    const { file } = await expectExact(splicebus, 'two-qualities', clipId, SPANS.slice(0, 1));
    expect(file).toMatchObject({ height, audioCodec: 'aac' });
    const { receipt } = (await splicebus.clip('two-qualities', clipId))!;
    for (const { rendition } of receipt!.segments) expect(rendition).toMatchObject({ height });
  });

  it('is read no further than the chunks of pictures and of sound that a clip overlaps', async () => {
    await expectThrift(splicebus, 'two-qualities', 'small');
  });
});

describe('a track of sound alone', () => {
  /** Its episode time begins with its first sound, which the sample has so long before its pictures. */
  const AHEAD_SAMPLES = 1024;

  it('gives a clip of sound alone, to the sample', async () => {
    await splicebus.makeClips('sound-alone', [{ clipId: 'heard', segments: requested(SPANS) }]);
    const record = (await splicebus.clip('sound-alone', 'heard'))!;
    expect(record).toMatchObject({
      status: 'Generation Complete',
      receipt: { frameCount: 0, segments: [{ audio: 'exact' }, { audio: 'exact' }] },
    });
    expect(record.receipt).not.toHaveProperty('method');

    const { samples, endMs } = (await hear('ffmpeg', splicebus.clipPath('sound-alone', 'heard')))!;
    let clipMs = 0;
    for (const [startMs, end] of SPANS) {
      const middle = Math.round((end - startMs) / 2);
      const at = toSamples(clipMs + middle);
      const piece = samples.slice(at, at + toSamples(500));
      const expected = toSamples(startMs + middle) - AHEAD_SAMPLES;
      expect(Math.abs(locateSound(piece, expected) ?? Number.NaN)).toBeLessThanOrEqual(48);
      clipMs += end - startMs;
    }
    expect(Math.abs(endMs - clipMs)).toBeLessThanOrEqual(50);
  });
});

const toSamples = (ms: number) => Math.round((ms * SAMPLE_RATE) / 1000);
