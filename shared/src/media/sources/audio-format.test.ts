import { describe, expect, it } from 'vitest';
import { makeClip } from '../clip.fixture.ts';
import {
  aac,
  ac3,
  changingApart,
  changingAudio,
  changingInMp4,
  type Encoders,
  expectAudioInPlace,
  expectInPlace,
  SPAN,
} from './changing-audio.fixture.ts';
import { framesOf, numbersIn, useFolder } from './judged.fixture.ts';

const folder = useFolder();

describe('audio whose format changes stays in place', () => {
  it.each<[string, Encoders]>([
    ['mono to stereo', [aac(1), aac(2), aac(1), aac(2)]],
    ['44.1 to 48 kHz, and back', [aac(2, 44_100), aac(2), aac(2, 44_100), aac(2)]],
    ['AC-3 from 5.1 to 2.0', [ac3(6), ac3(2), ac3(6), ac3(2)]],
  ])('in TS, %s', async (_, encoders) => {
    const clip = await expectInPlace(await changingAudio(encoders, folder.path), folder.path);
    expect(clip.cuts[0]!.warnings ?? []).toEqual([]);
  });

  it('in MP4, AC-3 in one track', async () => {
    const episode = await changingInMp4([ac3(6), ac3(2)], folder.path);
    await expectInPlace(episode, folder.path);
  });

  it('with a discontinuity', async () => {
    const encoders = [aac(1), aac(2), aac(6), aac(2, 44_100)];
    await expectInPlace(
      await changingAudio(encoders, folder.path, { discontinuous: true }),
      folder.path,
    );
  });

  it('in a playlist of its own', async () => {
    await expectInPlace(
      await changingApart([aac(1), aac(2), aac(6), aac(1)], folder.path),
      folder.path,
    );
  });

  it('in packed audio', async () => {
    const encoders = [aac(1), aac(2, 44_100)];
    await expectInPlace(await changingApart(encoders, folder.path, { packed: true }), folder.path);
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
    await expectInPlace(episode, folder.path, { everyMs: 500, aroundMs: [60, 260] });
  });
});
