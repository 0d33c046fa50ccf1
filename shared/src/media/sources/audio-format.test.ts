import { describe, expect, it } from 'vitest';
import { makeClip, type Span } from '../clip.fixture.ts';
import { inspectClip } from '../join/inspect-clip.ts';
import {
  changingApart,
  changingAudio,
  changingInMp4,
  type Encoders,
  frontOf,
} from './changing-audio.fixture.ts';
import {
  framesOf,
  listenTo,
  madeClip,
  numbersIn,
  type TestEpisode,
  useFolder,
} from './judged.fixture.ts';

const folder = useFolder();
/** The format changes at 3, 6 and 9 s. */
const SPAN: Span = [1_400, 10_700];

const aac = (channels: number, rate = 48_000) => [
  ...['-c:a', 'aac', '-ac', String(channels), '-ar', String(rate)],
];
const ac3 = (channels: number) => ['-c:a', 'ac3', '-ac', String(channels)];

async function expectInPlace(episode: TestEpisode, everyMs = 3_000, around = [60, 310]) {
  const [startMs, endMs] = SPAN;
  const clip = await madeClip(episode, [[startMs, endMs]], folder.path, { cut: 'exact' });
  expect(await numbersIn(clip.clipFile)).toEqual(framesOf([startMs, endMs], '30'));
  expect(clip.cuts[0]!.pictures?.method).toBe('smart');
  await expectAudioInPlace(clip.clipFile, everyMs, around);
  return clip;
}

async function expectAudioInPlace(clipFile: string, everyMs = 3_000, around = [60, 310]) {
  const [startMs, endMs] = SPAN;
  const { sound } = await inspectClip(clipFile);
  expect(sound!.startTicks).toBe(0);
  expect(Math.abs(sound!.endTicks - (endMs - startMs) * 90)).toBeLessThan(2);
  const { offsetMs } = await listenTo(await frontOf(clipFile));
  for (let clipMs = 50; clipMs + 250 < endMs - startMs; clipMs += 200) {
    // A new encoder and a new decoder have nothing to begin with: there, it is not judged.
    const sinceChange = (startMs + clipMs + around[1]!) % everyMs;
    const isAtChange = sinceChange < around[0]! + around[1]!;
    if (isAtChange) continue;
    expect(Math.abs(offsetMs(clipMs, startMs + clipMs) ?? 99), `at ${clipMs} ms`).toBeLessThan(1);
  }
}

describe('audio whose format changes stays in place', () => {
  it.each<[string, Encoders]>([
    ['mono to stereo', [aac(1), aac(2), aac(1), aac(2)]],
    ['44.1 to 48 kHz, and back', [aac(2, 44_100), aac(2), aac(2, 44_100), aac(2)]],
    ['AC-3 from 5.1 to 2.0', [ac3(6), ac3(2), ac3(6), ac3(2)]],
  ])('in TS, %s', async (_, encoders) => {
    const clip = await expectInPlace(await changingAudio(encoders, folder.path));
    expect(clip.cuts[0]!.warnings ?? []).toEqual([]);
  });

  it('in MP4, AC-3 in one track', async () => {
    const episode = await changingInMp4([ac3(6), ac3(2)], folder.path);
    await expectInPlace(episode);
  });

  it('with a discontinuity', async () => {
    const encoders = [aac(1), aac(2), aac(6), aac(2, 44_100)];
    await expectInPlace(await changingAudio(encoders, folder.path, { discontinuous: true }));
  });

  it('in a playlist of its own', async () => {
    await expectInPlace(await changingApart([aac(1), aac(2), aac(6), aac(1)], folder.path));
  });

  it('in packed audio', async () => {
    const encoders = [aac(1), aac(2, 44_100)];
    await expectInPlace(await changingApart(encoders, folder.path, { packed: true }));
  });

  it('where no header tells: LATM', async () => {
    const latm = (channels: number) => [...aac(channels), '-mpegts_flags', 'latm'];
    const episode = await changingAudio([latm(2), latm(1)], folder.path);
    const { clipFile, cuts } = await makeClip(episode, [SPAN], folder.path);
    expect(await numbersIn(clipFile)).toEqual(framesOf(SPAN, '30'));
    expect(cuts[0]!.pictures?.method).toBe('smart');
    await expectAudioInPlace(clipFile);
  });

  it('more often than there are decoders for', async () => {
    const episode = await changingAudio([aac(1), aac(2)], folder.path, { chunkSeconds: 0.5 });
    await expectInPlace(episode, 500, [60, 260]);
  });
});
