import { describe, expect, it } from 'vitest';
import {
  aac,
  ac3,
  changingApart,
  changingAudio,
  changingInMp4,
  type Encoders,
  encoder,
  expectInPlace,
} from './changing-audio.fixture.ts';
import { useFolder } from './judged.fixture.ts';

const folder = useFolder();

const eac3 = (channels: number) => encoder('eac3', channels);
const mp3 = (channels: number, rate?: number) => encoder('libmp3lame', channels, rate);

const CHANGES: [string, Encoders][] = [
  ['AAC of 1, 2 and 6 channels', [aac(1), aac(2), aac(6), aac(1)]],
  ['AAC of 44.1 and 48 kHz', [aac(2, 44_100), aac(2), aac(2, 44_100), aac(2)]],
  ['AAC of 24 and 48 kHz', [aac(1, 24_000), aac(2), aac(2, 24_000), aac(1)]],
  ['AAC of channels and rates', [aac(6, 44_100), aac(1), aac(2, 32_000), aac(2, 22_050)]],
  ['AC-3 of 6, 2 and 1 channels', [ac3(6), ac3(2), ac3(1), ac3(6)]],
  ['AC-3 of 44.1 and 48 kHz', [ac3(2, 44_100), ac3(2), ac3(6, 32_000), ac3(2)]],
  ['E-AC-3 of 6, 2 and 1 channels', [eac3(6), eac3(2), eac3(1), eac3(6)]],
  ['MP3 of 1 and 2 channels', [mp3(1), mp3(2), mp3(1), mp3(2)]],
  ['MP3 of 44.1 and 48 kHz', [mp3(2, 44_100), mp3(2), mp3(1, 32_000), mp3(1)]],
];

describe.each(CHANGES)('%s', (name, encoders) => {
  it('muxed in TS', async () => {
    const clip = await expectInPlace(await changingAudio(encoders, folder.path), folder.path);
    expect(clip.cuts[0]!.warnings ?? []).toEqual([]);
  });

  it('muxed in TS, with discontinuities', async () => {
    const episode = await changingAudio(encoders, folder.path, { discontinuous: true });
    const clip = await expectInPlace(episode, folder.path);
    expect(clip.cuts[0]!.warnings ?? []).toEqual([]);
  });

  it('in TS of its own', async () => {
    const clip = await expectInPlace(await changingApart(encoders, folder.path), folder.path);
    expect(clip.cuts[0]!.warnings ?? []).toEqual([]);
  });

  it('packed', async () => {
    const episode = await changingApart(encoders, folder.path, { packed: true });
    const clip = await expectInPlace(episode, folder.path);
    expect(clip.cuts[0]!.warnings ?? []).toEqual([]);
  });

  it('copied where that is asked for', async () => {
    const episode = await changingAudio(encoders, folder.path);
    const clip = await expectInPlace(episode, folder.path, { audio: 'copy' });
    expect(clip.audio).toBe('exact');
  });

  it.skipIf(name.startsWith('AAC'))('in one track of MP4', async () => {
    const clip = await expectInPlace(await changingInMp4(encoders, folder.path), folder.path);
    expect(clip.cuts[0]!.warnings ?? []).toEqual([]);
  });
});
