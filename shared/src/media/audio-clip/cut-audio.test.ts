import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mp3Output } from '../sound/encode-mp3.ts';
import { cutFile, decoded, encoded, makeVoice } from './audio-file.fixture.ts';

let folder: string;
let voice: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-'));
  voice = await makeVoice(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const STEREO_44 = ['-ar', '44100', '-ac', '2'];

describe('a clip as MP3', () => {
  it.each([
    ['48 kHz, one channel', [], 48_000, 1],
    ['44.1 kHz, two channels', STEREO_44, 44_100, 2],
    ['a rate that MP3 does not know', ['-ar', '96000'], 48_000, 1],
    ['more channels than MP3 has', ['-ac', '6'], 48_000, 2],
  ])(
    'of %s decodes to exactly its samples, where they were',
    async (_, options, rate, channels) => {
      const file = await encoded(voice, [...options, '-c:a', 'pcm_s16le'], 'source.wav', folder);
      const span = { startMs: 30_000, endMs: 42_345 };
      const { clip } = await cutFile(file, span, mp3Output, folder);
      const heard = await decoded(clip);
      expect(heard).toMatchObject({ sampleRate: rate, channels });
      expect(heard.sampleCount).toBe(Math.round((12_345 * rate) / 1000));
      // Resampled alike, the source is what to compare with.
      const same = ['-ar', String(rate), '-ac', String(channels), '-c:a', 'pcm_s16le'];
      const whole = await decoded(await encoded(file, same, 'same.wav', folder));
      for (const at of [0.05, 0.5, 0.95]) {
        const from = Math.round(at * heard.sampleCount);
        expect(likeliestLag(heard, whole, from, span.startMs)).toBe(0);
      }
    },
  );

  it('begins and ends without a click', async () => {
    // A tone that is loud wherever it is cut.
    const tone = ['-f', 'lavfi', '-i', 'sine=f=990.3:r=48000:d=10,volume=8', '-map', '1:a'];
    const file = await encoded(voice, tone, 'tone.wav', folder);
    const { clip } = await cutFile(file, { startMs: 1_000, endMs: 4_000 }, mp3Output, folder);
    const { values } = await decoded(clip);
    const loudest = (from: number, to: number) =>
      values.slice(from, to).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(loudest(1_000, 2_000)).toBeGreaterThan(0.9);
    expect(loudest(0, 12)).toBeLessThan(0.15);
    expect(loudest(values.length - 12, values.length)).toBeLessThan(0.15);
  });
});

/** So many samples are compared. */
const WINDOW = 4_000;
const MOST_LAG = 40;

/** How many samples later in the file than expected a piece of a clip is most like it. */
function likeliestLag(
  heard: Awaited<ReturnType<typeof decoded>>,
  whole: Awaited<ReturnType<typeof decoded>>,
  from: number,
  startMs: number,
): number {
  const { channels, sampleRate } = heard;
  const place = from + Math.round((startMs * sampleRate) / 1000);
  let best = { product: Number.NEGATIVE_INFINITY, lag: Number.NaN };
  for (let lag = -MOST_LAG; lag <= MOST_LAG; lag++) {
    let product = 0;
    for (let k = 0; k < WINDOW; k++) {
      product += heard.values[(from + k) * channels]! * whole.values[(place + lag + k) * channels]!;
    }
    if (product > best.product) best = { product, lag };
  }
  return best.lag;
}
